#include "graphs.h"

#include <stdlib.h>
#include <string.h>

enum { invalidValue = 1, captureImplicit = 906 };

typedef struct Node {
  struct Node *next;
  int (*run)(const void *arguments);
  _Alignas(16) char arguments[];
} Node;

typedef struct Graph {
  Node *first, **end;
  int owners;  // the graph and what is made of it
} Graph;

// A thread captures what it asks for itself.
static _Thread_local Graph *captured;

bool ck_isCapturing(void) { return captured != NULL; }

int ck_capture(int (*run)(const void *arguments), const void *arguments, size_t byteCount) {
  Node *node = malloc(sizeof *node + byteCount);
  if (node == NULL) return ckDriverOutOfMemory;
  node->next = NULL;
  node->run = run;
  memcpy(node->arguments, arguments, byteCount);
  *captured->end = node;
  captured->end = &node->next;
  return 0;
}

static int beginCapture(void *stream, int mode) {
  if (stream == NULL || mode != ckCaptureRelaxed || captured != NULL) return invalidValue;
  captured = calloc(1, sizeof *captured);
  if (captured == NULL) return ckDriverOutOfMemory;
  captured->end = &captured->first;
  captured->owners = 1;
  return 0;
}

static int endCapture(void *stream, void **graph) {
  if (stream == NULL || captured == NULL) return invalidValue;
  *graph = captured;
  captured = NULL;
  return 0;
}

static int instantiate(void **executable, void *graph, unsigned long long flags) {
  if (flags != 0) return invalidValue;
  ((Graph *)graph)->owners++;
  *executable = graph;
  return 0;
}

static int launchGraph(void *executable, void *stream) {
  if (stream == NULL || captured != NULL) return captureImplicit;
  int code = 0;
  for (const Node *node = ((Graph *)executable)->first; node != NULL && code == 0;
       node = node->next)
    code = node->run(node->arguments);
  return code;
}

static int drop(void *handle) {
  Graph *graph = handle;
  if (--graph->owners > 0) return 0;
  for (Node *node = graph->first, *next; node != NULL; node = next) {
    next = node->next;
    free(node);
  }
  free(graph);
  return 0;
}

void ck_addGraphs(CKDriver *driver) {
  driver->beginCapture = beginCapture;
  driver->endCapture = endCapture;
  driver->instantiate = instantiate;
  driver->launchGraph = launchGraph;
  driver->destroyGraph = drop;
  driver->destroyExecutable = drop;
}
