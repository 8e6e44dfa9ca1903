#include "adamw.cuh"
#include "adamw_rows.h"

extern "C" __global__ void adamWRows_rowPerBlock(const CKAdamWRows a, const CKAdamWFactors given) {
  const CKStepState *state = a.table.state;
  const CKAdamWFactors f = state == nullptr ? given : state->factors;
  // Up to the step before this one, or with it.
  const int64_t now = state == nullptr ? a.table.step : state->step - !a.hasGradient;
  // Nobody reads the factors of a step before a later launch.
  if (a.hasGradient && blockIdx.x == 0 && threadIdx.x == 0)
    *reinterpret_cast<CKAdamWFactors *>(a.history + ck_adamWHistoryOffset(now)) = f;
  // One block comes even where there is no row, for the history.
  if (blockIdx.x >= a.rowCount) return;
  const int64_t row = a.rows == nullptr ? (int64_t)blockIdx.x : a.rows[blockIdx.x];
  if (row < 0) return;
  const int64_t reached = a.rowSteps[row], last = now - a.hasGradient;
  const CKAdamWFactors *history = reinterpret_cast<const CKAdamWFactors *>(a.history);
  if (reached >= now) return;
  const float scale = a.table.gradientScale == nullptr ? 1 : *a.table.gradientScale;
  for (int32_t column = (int32_t)threadIdx.x; column < a.size; column += (int32_t)blockDim.x) {
    const int64_t i = row * a.size + column;
    float parameter = a.table.parameter[i], first = a.table.firstMoment[i],
          second = a.table.secondMoment[i];
    const bool hasMoved = first != 0 || second != 0;
    for (int64_t step = reached + 1; step <= last; step++) {
      const CKAdamWFactors &missed = history[step % ckAdamWHistoryLength];
      // A row that no text has named yet has no moments: what is left of its step is the decay.
      if (hasMoved)
        adamWStep(missed, 0, parameter, first, second);
      else
        parameter = __fmul_rn(parameter, missed.decay);
    }
    if (a.hasGradient) {
      adamWStep(f, __fmul_rn(a.table.gradient[i], scale), parameter, first, second);
      if (a.clearsGradient) a.table.gradient[i] = 0;
    }
    a.table.firstMoment[i] = first;
    a.table.secondMoment[i] = second;
    a.table.parameter[i] = parameter;
  }
  __syncthreads();
  if (threadIdx.x == 0) a.rowSteps[row] = (int32_t)now;
}
