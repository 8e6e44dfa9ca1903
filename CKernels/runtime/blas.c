#include "blas.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "parallel.h"
#include "product.h"
#include "vector.h"

static _Atomic CKProductChoice chosen;

static const char builtInVersion[] = "built-in blocked product";

static bool isLibraryNamed;
static void readEnvironment(void) {
  const char *name = getenv("PURE_OPENBLAS");
  isLibraryNamed = name != NULL && *name != 0;
}

/// Whether OpenBLAS multiplies if it is found.
static bool wantsLibrary(void) {
  CKProductChoice choice = atomic_load(&chosen);
  if (choice != CKProductFastest) return choice == CKProductOpenBLAS;
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, readEnvironment);
  // With AVX-512 the built-in product is 2 to 5 % faster, and twice as fast as a library that does
  // not know the processor; with AVX2 they are alike.
  return ck_level() != CKLevelAVX512 || isLibraryNamed;
}

/// The output cut into a grid of tiles, one or two for each thread.
typedef struct Cut {
  const CKProduct *product;
  void (*library)(const CKProduct *);  // null: a built-in product
  void (*builtIn)(const CKProduct *, CKTileBody, void *);
  int32_t rowCuts, columnCuts;
  CKTileBody body;
  void *context;
} Cut;

// Tiles begin at multiples of these, so that neither OpenBLAS nor the built-in product cuts a
// register block; finer than that would be waste, coarser would give one thread more than the
// other.
enum { rowUnit = 24, columnUnit = 96 };

/// Where part `index` of `count` begins, when `size` is cut into parts that are equal to within one
/// unit.
static int32_t partStart(int32_t size, int32_t unit, int32_t count, int32_t index) {
  int64_t units = ck_pieceCount(size, unit);
  int64_t start = units * index / count * unit;
  return start < size ? (int32_t)start : size;
}

/// A tile, and where it begins.
typedef struct Tile {
  const Cut *cut;
  int32_t row, column;
} Tile;

static void finishPart(void *context, int32_t row, int32_t rowCount, int32_t column,
                       int32_t columnCount) {
  const Tile *tile = context;
  const Cut *cut = tile->cut;
  cut->body(cut->context, tile->row + row, rowCount, tile->column + column, columnCount);
}

static void computeTile(void *context, int64_t piece) {
  const Cut *cut = context;
  CKProduct part = *cut->product;
  int32_t i = (int32_t)(piece / cut->columnCuts), j = (int32_t)(piece % cut->columnCuts);
  Tile tile = {.cut = cut,
               .row = partStart(part.rows, rowUnit, cut->rowCuts, i),
               .column = partStart(part.columns, columnUnit, cut->columnCuts, j)};
  part.rows = partStart(part.rows, rowUnit, cut->rowCuts, i + 1) - tile.row;
  part.columns = partStart(part.columns, columnUnit, cut->columnCuts, j + 1) - tile.column;
  part.left += tile.row * (part.transposesLeft ? 1 : (int64_t)part.leftStride);
  part.right += tile.column * (part.transposesRight ? (int64_t)part.rightStride : 1);
  part.output += tile.row * (int64_t)part.outputStride + tile.column;
  CKTileBody body = cut->body == NULL ? NULL : finishPart;
  if (cut->library == NULL) {
    cut->builtIn(&part, body, &tile);
    return;
  }
  cut->library(&part);
  if (body != NULL) body(&tile, 0, part.rows, 0, part.columns);
}

/// Chooses the grid with the least work on the busiest thread, in multiplications.
static void chooseGrid(Cut *cut) {
  const CKProduct *product = cut->product;
  cut->rowCuts = cut->columnCuts = 1;
  double work = (double)product->rows * product->columns * product->depth;
  int32_t threads = ck_jobThreadCount();
  // Below 20 microseconds of work, waking a thread costs more than it saves.
  if (threads == 1 || work < 1e6) return;
  // Two tiles a thread even out what disturbs one of them, but each repeats some packing: worth it
  // only in long products.
  int32_t tiles = work / threads < 1e9 ? threads : 2 * threads;
  int64_t rowUnits = ck_pieceCount(product->rows, rowUnit);
  int64_t columnUnits = ck_pieceCount(product->columns, columnUnit);
  double least = INFINITY;
  for (int32_t rowCuts = 1; rowCuts <= tiles && rowCuts <= rowUnits; rowCuts++) {
    int32_t columnCuts = tiles / rowCuts;
    if (columnCuts > columnUnits) columnCuts = (int32_t)columnUnits;
    double tileRows = (double)ck_pieceCount(rowUnits, rowCuts) * rowUnit;
    double tileColumns = (double)ck_pieceCount(columnUnits, columnCuts) * columnUnit;
    int64_t rounds = ck_pieceCount((int64_t)rowCuts * columnCuts, threads);
    // Packing one value costs about as much as some multiplications. A row's costs more: OpenBLAS
    // makes all columns wait for it, and other threads have computed half of a row that is not cut.
    double cost = (double)rounds * (tileRows * tileColumns + 16 * tileRows + 4 * tileColumns) *
                  product->depth;
    // Of equal grids the one with more cuts across rows: what was computed is then in one piece.
    if (cost <= least) {
      least = cost;
      cut->rowCuts = rowCuts;
      cut->columnCuts = columnCuts;
    }
  }
}

/// output = beta · output: a product whose depth is zero.
static void scaleOutput(const CKProduct *product) {
  for (int32_t row = 0; row < product->rows; row++) {
    float *output = product->output + row * (int64_t)product->outputStride;
    for (int32_t column = 0; column < product->columns; column++)
      output[column] = product->beta == 0 ? 0 : product->beta * output[column];
  }
}

static void computeProduct(const CKProduct *product, CKTileBody body, void *context) {
  if (product->rows <= 0 || product->columns <= 0) return;
  if (product->depth <= 0) {
    scaleOutput(product);
    if (body != NULL) body(context, 0, product->rows, 0, product->columns);
    return;
  }
  Cut cut = {.product = product, .body = body, .context = context};
  bool isRounded = product->factors == CKFactorTypeBFloat16;
  cut.builtIn = isRounded ? ck_bFloat16Product : ck_floatProduct;
  if (!isRounded && wantsLibrary()) cut.library = ck_openBLAS()->product;
  chooseGrid(&cut);
  ck_parallel((int64_t)cut.rowCuts * cut.columnCuts, computeTile, &cut);
}

void ck_product(const CKProduct *product) { computeProduct(product, NULL, NULL); }

void ck_productThen(const CKProduct *product, CKTileBody body, void *context) {
  computeProduct(product, body, context);
}

CKBlasDescription ck_blasDescription(void) {
  if (!wantsLibrary())
    return (CKBlasDescription){
        .isBuiltIn = true, .path = "", .version = builtInVersion, .tried = ""};
  const CKOpenBLAS *library = ck_openBLAS();
  bool isBuiltIn = library->product == NULL;
  return (CKBlasDescription){
      .isBuiltIn = isBuiltIn,
      .path = isBuiltIn ? "" : library->path,
      .version = isBuiltIn ? builtInVersion : library->version,
      .tried = library->tried,
  };
}

void ck_chooseProduct(CKProductChoice choice) { atomic_store(&chosen, choice); }
