/// Linked into the command, and into nothing else: makes its heap end the program in good order.
#ifndef CHEAP_H
#define CHEAP_H
#endif
