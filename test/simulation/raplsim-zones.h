/*
 * raplsim's zones: their power, the register that counts it, and the orders that change them. Included
 * by raplsim.c alone; see there for the words of a configuration.
 */
#ifndef RAPLSIM_ZONES_H
#define RAPLSIM_ZONES_H

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_ZONES = 16, MOST_NODES = 128, MOST_PIECES = 64, MOST_HANDLES = 1024, TEXT_SIZE = 2048 };
enum kind { FOLDER, TEXT, ENERGY, CONTROL, TRUTH, READS };

/* Base power is piecewise linear: watts[i] at at[i] seconds, joules[i] up to there. */
struct zone {
  char id[64];
  double load, start, range, quantum, unit, shift, frozen_at;
  int failures, pieces, reads;
  unsigned delay_us;
  double at[MOST_PIECES], watts[MOST_PIECES], joules[MOST_PIECES];
};
struct node {
  enum kind kind;
  int parent, zone;
  char name[64], text[64];
};
/* From `at` on the gate stands at `level`; `integral` is that of the level up to then. */
struct gate {
  double at, level, integral;
};
struct handle {
  int used, length;
  char text[TEXT_SIZE];
};

static struct zone zones[MOST_ZONES];
static struct node nodes[MOST_NODES];
static struct handle handles[MOST_HANDLES];
static struct gate *gates;
static int zone_count, node_count, gate_count, gate_space;
static int64_t origin;

static void die(const char *what) {
  fprintf(stderr, "raplsim: %s: %s\n", what, strerror(errno));
  exit(125);
}

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static double seconds(int64_t ns) { return (ns - origin) * 1e-9; }

/* ---- power and energy ---- */

static double base_joules(const struct zone *z, double t) {
  if (z->pieces == 1) return z->watts[0] * t;
  double period = z->at[z->pieces - 1], rounds = floor(t / period), rest = t - rounds * period;
  int i = 1;
  while (i < z->pieces - 1 && z->at[i] <= rest) i++;
  double span = z->at[i] - z->at[i - 1], into = rest - z->at[i - 1];
  double slope = span > 0 ? (z->watts[i] - z->watts[i - 1]) / span : 0;
  double piece = into * (z->watts[i - 1] + slope * into / 2);
  return rounds * z->joules[z->pieces - 1] + z->joules[i - 1] + piece;
}

static double joules_at(const struct zone *z, double t) {
  int i = gate_count - 1;
  while (i > 0 && gates[i].at > t) i--;
  return base_joules(z, t) + z->load * (gates[i].integral + gates[i].level * (t - gates[i].at));
}

static void set_gate(double t, double level) {
  if (gate_count == gate_space) {
    gate_space = gate_space ? 2 * gate_space : 1024;
    gates = realloc(gates, gate_space * sizeof *gates);
    if (!gates) die("realloc");
  }
  struct gate gate = {t, level, 0};
  if (gate_count > 0) {
    const struct gate *last = &gates[gate_count - 1];
    gate.integral = last->integral + last->level * (t - last->at);
  }
  gates[gate_count++] = gate;
}

/* What the register would hold if it never wrapped, in microjoules. */
static double register_at(const struct zone *z, double t) {
  if (z->frozen_at >= 0) t = z->frozen_at;
  if (z->quantum > 0) t = floor(t / z->quantum) * z->quantum;
  double value = z->start + joules_at(z, t) * 1e6 + z->shift;
  return z->unit > 0 ? floor(value / z->unit) * z->unit : floor(value);
}

static unsigned long long shown(const struct zone *z, double t) {
  double value = fmod(register_at(z, t), z->range);
  return value < 0 ? value + z->range : value;
}

/* ---- configuration and control: one line, cut into words ---- */

static int add_node(int parent, const char *name, enum kind kind, int zone, const char *text) {
  if (node_count == MOST_NODES) die("more files than there is room for");
  struct node *n = &nodes[node_count];
  *n = (struct node){.kind = kind, .parent = parent, .zone = zone};
  snprintf(n->name, sizeof n->name, "%s", name);
  snprintf(n->text, sizeof n->text, "%s", text);
  return node_count++;
}

static int set_base(struct zone *z, char *text) {
  char *rest;
  if (strncmp(text, "pwl:", 4)) {
    z->pieces = 1;
    z->watts[0] = atof(text);
    return 0;
  }
  for (char *p = strtok_r(text + 4, ",", &rest); p; p = strtok_r(NULL, ",", &rest)) {
    int i = z->pieces++;
    if (i == MOST_PIECES || sscanf(p, "%lf:%lf", &z->at[i], &z->watts[i]) != 2) return -EINVAL;
    double mean = i ? (z->watts[i] + z->watts[i - 1]) / 2 : 0;
    z->joules[i] = i ? z->joules[i - 1] + (z->at[i] - z->at[i - 1]) * mean : 0;
  }
  return z->pieces > 1 ? 0 : -EINVAL;
}

static int add_zone(int powercap, char **words, int count) {
  if (zone_count == MOST_ZONES) return -ENOSPC;
  struct zone *z = &zones[zone_count];
  *z = (struct zone){.range = 262143328850.0, .quantum = 1e-3, .frozen_at = -1, .pieces = 1};
  snprintf(z->id, sizeof z->id, "%s", words[1]);
  const char *name = "package-0";
  for (int i = 2; i < count; i++) {
    char *value = strchr(words[i], '=');
    if (!value) return -EINVAL;
    *value++ = 0;
    if (!strcmp(words[i], "name")) name = value;
    else if (!strcmp(words[i], "base")) {
      z->pieces = 0;
      if (set_base(z, value)) return -EINVAL;
    } else if (!strcmp(words[i], "load")) z->load = atof(value);
    else if (!strcmp(words[i], "start")) z->start = atof(value);
    else if (!strcmp(words[i], "max")) z->range = atof(value);
    else if (!strcmp(words[i], "quantum_us")) z->quantum = atof(value) * 1e-6;
    else if (!strcmp(words[i], "unit_uj")) z->unit = atof(value);
    else return -EINVAL;
  }
  char range[32];
  snprintf(range, sizeof range, "%.0f", z->range);
  int folder = add_node(powercap, words[1], FOLDER, -1, "");
  add_node(folder, "name", TEXT, -1, name);
  add_node(folder, "max_energy_range_uj", TEXT, -1, range);
  add_node(folder, "energy_uj", ENERGY, zone_count++, "");
  return 0;
}

static int words_of(char *line, char **words, int most) {
  char *rest;
  int count = 0;
  line[strcspn(line, "#\n")] = 0;
  for (char *p = strtok_r(line, " \t", &rest); p && count < most; p = strtok_r(NULL, " \t", &rest))
    words[count++] = p;
  return count;
}

static int control(char *line) {
  char *words[8];
  int count = words_of(line, words, 8);
  double now = seconds(now_ns()), value = count > 2 ? atof(words[2]) : 1;
  if (count == 0) return 0;
  if (count < 2) return -EINVAL;
  if (!strcmp(words[0], "gate")) {
    set_gate(now, atof(words[1]));
    return 0;
  }
  struct zone *z = NULL;
  for (int i = 0; i < zone_count; i++)
    if (!strcmp(zones[i].id, words[1])) z = &zones[i];
  if (!z) return -EINVAL;
  if (!strcmp(words[0], "eio")) z->failures = value;
  else if (!strcmp(words[0], "reset")) z->shift -= register_at(z, now);
  else if (!strcmp(words[0], "near_wrap"))
    z->shift += z->range - value * 1e6 - fmod(register_at(z, now), z->range);
  else if (!strcmp(words[0], "delay_us")) z->delay_us = value;
  else if (!strcmp(words[0], "freeze")) z->frozen_at = now;
  else if (!strcmp(words[0], "thaw")) z->frozen_at = -1;
  else if (!strcmp(words[0], "resume")) {
    double stood = register_at(z, now);
    z->frozen_at = -1;
    z->shift += stood - register_at(z, now);
  } else return -EINVAL;
  return 0;
}

#endif
