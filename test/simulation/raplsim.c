/*
 * A simulated powercap tree whose truth is known exactly.
 *
 *   raplsim CONFIG MOUNT -- COMMAND ARGS...
 *
 * runs COMMAND in a mount namespace of its own in which MOUNT (an empty folder) shows
 * class/powercap/ZONE/{name,energy_uj,max_energy_range_uj}, so JOULEBOOK_SYSFS=MOUNT makes the meter
 * read it. It speaks FUSE itself (linux/fuse.h) and needs no library; it works as root, and as any
 * user who may make user namespaces. COMMAND's exit status is passed on; nothing outside changes.
 *
 * energy_uj is computed when it is read, from CLOCK_MONOTONIC and P(t) = base(t) + load * gate(t), so
 * nothing is ever torn or late, and the energy of any span is known to the last digit.
 *
 * CONFIG has a line per zone:
 *
 *   zone ID name=package-0 base=60 load=140 start=UJ max=262143328850 quantum_us=1000 unit_uj=61.035
 *        base=W, or base=pwl:T0:W0,T1:W1,...   piecewise linear, seconds and watts, repeating
 *
 * While it runs, write to MOUNT/ctl:
 *
 *   gate LEVEL         switches the load, at the moment of the write
 *   eio ID N           the next N reads fail            near_wrap ID J   it wraps after J joules more
 *   reset ID           it starts again from 0           delay_us ID US   its reads take so long
 *   freeze ID          it stands still                  thaw ID          it catches up
 *                                                       resume ID        it goes on from where it stood
 *
 * Write "T0_NS T1_NS" to MOUNT/truth and read back a line per zone: its id and exact joules.
 * MOUNT/reads has a line per zone: its id and how often its counter was read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "raplsim-zones.h"

/* ---- FUSE: what each file says at this moment, and the requests of the kernel ---- */

static void truth(const char *asked, struct handle *h) {
  long long from, to;
  h->length = 0;
  if (sscanf(asked, "%lld %lld", &from, &to) != 2) return;
  for (int i = 0; i < zone_count; i++) {
    double joules = joules_at(&zones[i], seconds(to)) - joules_at(&zones[i], seconds(from));
    char *end = h->text + h->length;
    h->length += snprintf(end, TEXT_SIZE - h->length, "%s %.9f\n", zones[i].id, joules);
  }
}

static void reads(struct handle *h) {
  h->length = 0;
  for (int i = 0; i < zone_count; i++)
    h->length += snprintf(h->text + h->length, TEXT_SIZE - h->length, "%s %d\n", zones[i].id, zones[i].reads);
}

/* An open file keeps what its beginning gave; reading at offset 0 gives a new value. */
static int fill(const struct node *n, struct handle *h) {
  if (n->kind == TEXT) h->length = sprintf(h->text, "%s\n", n->text);
  if (n->kind == READS) reads(h);
  if (n->kind != ENERGY) return 0;
  struct zone *z = &zones[n->zone];
  z->reads++;
  if (z->failures > 0) {
    z->failures--;
    return -EIO;
  }
  if (z->delay_us) usleep(z->delay_us);
  h->length = sprintf(h->text, "%llu\n", shown(z, seconds(now_ns())));
  return 0;
}

static int device;

static void reply(uint64_t unique, int error, const void *data, size_t length) {
  static char out[sizeof(struct fuse_out_header) + 65536];
  struct fuse_out_header header = {sizeof header + (error ? 0 : length), error, unique};
  memcpy(out, &header, sizeof header);
  if (!error && length > 0) memcpy(out + sizeof header, data, length);
  if (write(device, out, header.len) < 0 && errno != ENOENT) die("/dev/fuse");
}

static struct fuse_attr attributes(int i) {
  static const int modes[] = {S_IFDIR | 0555, S_IFREG | 0444, S_IFREG | 0444, S_IFREG | 0666,
                              S_IFREG | 0666, S_IFREG | 0444};
  enum kind kind = nodes[i].kind;
  return (struct fuse_attr){
      .ino = i + 1, .size = kind == FOLDER ? 0 : 4096, .mode = modes[kind], .nlink = 1, .blksize = 4096};
}

static size_t list(int folder, uint64_t offset, uint32_t room, char *out) {
  size_t length = 0;
  for (int i = offset ? offset : 1; i < node_count; i++) {
    if (nodes[i].parent != folder) continue;
    size_t name = strlen(nodes[i].name), size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + name);
    if (length + size > room) break;
    struct fuse_dirent *entry = (void *)(out + length);
    memset(entry, 0, size);
    entry->ino = i + 1;
    entry->off = i + 1;
    entry->namelen = name;
    entry->type = (nodes[i].kind == FOLDER ? S_IFDIR : S_IFREG) >> 12;
    memcpy(entry->name, nodes[i].name, name);
    length += size;
  }
  return length;
}

static void answer_open(uint64_t unique, const struct node *n) {
  int k = 0;
  while (k < MOST_HANDLES && handles[k].used) k++;
  if (k == MOST_HANDLES) return reply(unique, -EMFILE, NULL, 0);
  handles[k].used = 1;
  handles[k].length = 0;
  struct fuse_open_out out = {.fh = k, .open_flags = n->kind == FOLDER ? 0 : FOPEN_DIRECT_IO};
  reply(unique, 0, &out, sizeof out);
}

static void answer_read(uint64_t unique, const struct node *n, const struct fuse_read_in *asked) {
  struct handle *h = &handles[asked->fh];
  int error = asked->offset == 0 ? fill(n, h) : 0;
  if (error) return reply(unique, error, NULL, 0);
  int64_t left = h->length - (int64_t)asked->offset;
  left = left < 0 ? 0 : left < asked->size ? left : asked->size;
  reply(unique, 0, h->text + asked->offset, left);
}

static void answer_write(uint64_t unique, const struct node *n, const struct fuse_write_in *asked) {
  char *data = (char *)(asked + 1), *rest;
  int error = n->kind == CONTROL || n->kind == TRUTH ? 0 : -EACCES;
  data[asked->size] = 0;
  if (n->kind == TRUTH) truth(data, &handles[asked->fh]);
  if (n->kind == CONTROL)
    for (char *l = strtok_r(data, "\n", &rest); l && !error; l = strtok_r(NULL, "\n", &rest))
      error = control(l);
  struct fuse_write_out out = {.size = asked->size};
  reply(unique, error, &out, sizeof out);
}

static void answer_lookup(uint64_t unique, int folder, const char *name) {
  for (int i = 1; i < node_count; i++) {
    if (nodes[i].parent != folder || strcmp(nodes[i].name, name)) continue;
    struct fuse_entry_out out = {
        .nodeid = i + 1, .entry_valid = 3600, .attr_valid = 3600, .attr = attributes(i)};
    return reply(unique, 0, &out, sizeof out);
  }
  reply(unique, -ENOENT, NULL, 0);
}

static void answer_init(uint64_t unique, const struct fuse_init_in *asked) {
  struct fuse_init_out out = {.major = FUSE_KERNEL_VERSION,
                              .minor = asked->minor < 31 ? asked->minor : 31,
                              .max_write = 65536,
                              .max_background = 16,
                              .congestion_threshold = 12,
                              .time_gran = 1};
  reply(unique, 0, &out, sizeof out);
}

static void answer(const struct fuse_in_header *in) {
  static char entries[65536];
  const void *body = in + 1;
  const struct fuse_read_in *asked = body;
  int i = in->nodeid - 1;
  struct fuse_attr_out attribute = {.attr_valid = 3600};
  switch (in->opcode) {
  case FUSE_INIT: return answer_init(in->unique, body);
  case FUSE_LOOKUP: return answer_lookup(in->unique, i, body);
  case FUSE_GETATTR:
  case FUSE_SETATTR:
    attribute.attr = attributes(i);
    return reply(in->unique, 0, &attribute, sizeof attribute);
  case FUSE_OPEN:
  case FUSE_OPENDIR: return answer_open(in->unique, &nodes[i]);
  case FUSE_READ: return answer_read(in->unique, &nodes[i], asked);
  case FUSE_WRITE: return answer_write(in->unique, &nodes[i], body);
  case FUSE_READDIR:
    return reply(in->unique, 0, entries, list(i, asked->offset, asked->size, entries));
  case FUSE_RELEASE:
  case FUSE_RELEASEDIR: handles[asked->fh].used = 0; return reply(in->unique, 0, NULL, 0);
  case FUSE_STATFS: {
    struct fuse_statfs_out out = {.st = {.bsize = 4096, .namelen = 255}};
    return reply(in->unique, 0, &out, sizeof out);
  }
  case FUSE_ACCESS: return reply(in->unique, 0, NULL, 0);
  case FUSE_FORGET:
  case FUSE_BATCH_FORGET:
  case FUSE_INTERRUPT: return;
  default: reply(in->unique, -ENOSYS, NULL, 0);
  }
}

static void serve(void) {
  static char in[1 << 17];
  for (;;) {
    ssize_t length = read(device, in, sizeof in - 1);
    if (length < 0 && errno == ENODEV) return;
    if (length < 0 && errno != EINTR && errno != EAGAIN && errno != ENOENT) die("/dev/fuse");
    if (length < 0) continue;
    in[length] = 0;
    answer((void *)in);
  }
}

/* ---- the start ---- */

static void configure(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) die(path);
  char line[8192], *words[64];
  int powercap = add_node(add_node(0, "class", FOLDER, -1, ""), "powercap", FOLDER, -1, "");
  for (int number = 1; fgets(line, sizeof line, file); number++) {
    int count = words_of(line, words, 64);
    if (count == 0) continue;
    if (count > 1 && !strcmp(words[0], "zone") && !add_zone(powercap, words, count)) continue;
    fprintf(stderr, "raplsim: %s:%d: expected `zone ID name=... base=...`\n", path, number);
    exit(125);
  }
  fclose(file);
}

static void put(const char *path, const char *text) {
  int file = open(path, O_WRONLY);
  if (file < 0 || write(file, text, strlen(text)) < 0) die(path);
  close(file);
}

static void map_id(const char *path, unsigned id) {
  char text[64];
  snprintf(text, sizeof text, "%u %u 1", id, id);
  put(path, text);
}

static void mount_tree(const char *folder) {
  unsigned user = getuid(), group = getgid();
  if (unshare(CLONE_NEWNS | (user ? CLONE_NEWUSER : 0))) die("unshare");
  if (user) {
    put("/proc/self/setgroups", "deny");
    map_id("/proc/self/uid_map", user);
    map_id("/proc/self/gid_map", group);
  }
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) die("a mount namespace");
  if ((device = open("/dev/fuse", O_RDWR | O_CLOEXEC)) < 0) die("/dev/fuse");
  char options[128];
  snprintf(options, sizeof options, "fd=%d,rootmode=40755,user_id=%u,group_id=%u,default_permissions",
           device, user, group);
  if (mount("raplsim", folder, "fuse", MS_NOSUID | MS_NODEV, options)) die(folder);
}

int main(int count, char **words) {
  if (count < 5 || strcmp(words[3], "--")) {
    fprintf(stderr, "usage: raplsim CONFIG MOUNT -- COMMAND ARGS...\n");
    return 125;
  }
  origin = now_ns();
  set_gate(0, 0);
  add_node(-1, "", FOLDER, -1, "");
  add_node(0, "ctl", CONTROL, -1, "");
  add_node(0, "truth", TRUTH, -1, "");
  add_node(0, "reads", READS, -1, "");
  configure(words[1]);
  mount_tree(words[2]);
  pid_t server = fork();
  if (server == 0) {
    /* A real counter never waits for a processor; where this is refused, it must do without. */
    setpriority(PRIO_PROCESS, 0, -10);
    serve();
    _exit(0);
  }
  close(device);
  pid_t child = fork();
  if (child == 0) {
    execvp(words[4], words + 4);
    die(words[4]);
  }
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  kill(server, SIGKILL);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
