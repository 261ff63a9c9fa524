// The loop that packed inference is compared with: XNOR and popcount of 64-bit words, as a C compiler makes it.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void multiply(const uint64_t *rows, const uint64_t *columns, float *out, int count, int width,
                     int words) {
  for (int r = 0; r < count; r++) {
    for (int c = 0; c < width; c++) {
      int64_t differing = 0;
      for (int k = 0; k < words; k++) {
        differing += __builtin_popcountll(rows[r * words + k] ^ columns[c * words + k]);
      }
      out[r * width + c] = (float)(64 * words - 2 * differing);
    }
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static uint64_t *random_words(int count) {
  uint64_t *words = malloc(8 * (size_t)count);
  for (int i = 0; i < count; i++) words[i] = ((uint64_t)rand() << 33) ^ ((uint64_t)rand() << 11) ^ rand();
  return words;
}

// Prints the milliseconds of the fastest of `rounds` multiplications, and one result so that none is left out.
int main(int argc, char **argv) {
  if (argc < 5) return 2;
  int count = atoi(argv[1]), width = atoi(argv[2]), words = atoi(argv[3]) / 64, rounds = atoi(argv[4]);
  uint64_t *rows = random_words(count * words), *columns = random_words(width * words);
  float *out = malloc(sizeof(float) * (size_t)count * width);
  double best = 1e9;
  for (int i = 0; i < rounds; i++) {
    double start = now();
    multiply(rows, columns, out, count, width, words);
    double took = now() - start;
    if (took < best) best = took;
  }
  printf("%f %f\n", best, out[0]);
  return 0;
}
