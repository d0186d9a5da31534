// The C side of the benchmark: the same work over the same libbpf, timed the same way.
// Usage: baseline <bench.bpf.o> <basic.bpf.o> <measure>; prints operations per second, or milliseconds.
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ENTRIES 10000
#define BATCH 4096
#define OPS 5000
// Rounds are short and many, so that some are not disturbed; the best one counts.
#define MIN_ROUNDS 7
#define SECONDS 0.7
#define RING_EVENTS 500000
#define PERF_EVENTS 20000
#define PERF_PAGES 512

struct event {
	uint32_t pid;
	uint64_t time;
	char comm[16];
};

static struct bpf_object *object;
static int counts;
static volatile uint64_t sink; // keeps the compiler from leaving the reads out
static uint64_t seen;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what, int err)
{
	fprintf(stderr, "%s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(1);
}

static void run(const char *program, uint64_t n, uint64_t flags)
{
	uint64_t args[2] = { n, flags };
	int fd = bpf_program__fd(bpf_object__find_program_by_name(object, program));
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));
	int err = bpf_prog_test_run_opts(fd, &opts);

	if (err)
		die(program, err);
}

static double lookup(void)
{
	double start = now();

	for (uint32_t i = 0; i < OPS; i++) {
		uint32_t key = i % ENTRIES;
		uint64_t value;

		if (bpf_map_lookup_elem(counts, &key, &value))
			die("lookup", 1);
		sink ^= value;
	}
	return OPS / (now() - start);
}

static double update(void)
{
	double start = now();

	for (uint32_t i = 0; i < OPS; i++) {
		uint32_t key = i % ENTRIES;
		uint64_t value = i;

		if (bpf_map_update_elem(counts, &key, &value, BPF_ANY))
			die("update", 1);
	}
	return OPS / (now() - start);
}

static uint32_t keys[BATCH];
static uint64_t values[BATCH];

static double batch_read(void)
{
	double start = now();
	uint64_t total = 0;
	uint32_t in, out, *position = NULL;
	int err = 0;

	while (!err) {
		uint32_t count = BATCH;

		err = bpf_map_lookup_batch(counts, position, &out, keys, values, &count, NULL);
		if (err && err != -ENOENT)
			die("lookup batch", err);
		for (uint32_t i = 0; i < count; i++)
			sink ^= values[i] + keys[i];
		total += count;
		in = out;
		position = &in;
	}
	return total / (now() - start);
}

static double batch_write(void)
{
	double start = now();
	uint64_t total = 0;

	for (uint32_t from = 0; from < ENTRIES; from += BATCH) {
		uint32_t count = from + BATCH > ENTRIES ? ENTRIES - from : BATCH;
		int err;

		for (uint32_t i = 0; i < count; i++) {
			keys[i] = from + i;
			values[i] = i;
		}
		err = bpf_map_update_batch(counts, keys, values, &count, NULL);
		if (err)
			die("update batch", err);
		total += count;
	}
	return total / (now() - start);
}

static double iterate(void)
{
	double start = now();
	uint64_t total = 0;
	uint32_t key, *previous = NULL;

	while (!bpf_map_get_next_key(counts, previous, &key)) {
		uint64_t value;

		if (!bpf_map_lookup_elem(counts, &key, &value))
			sink ^= value;
		previous = &key;
		total++;
	}
	return total / (now() - start);
}

static int on_event(void *ctx, void *data, size_t size)
{
	struct event *e = data;

	sink ^= e->pid;
	seen++;
	return 0;
}

static int on_event_copied(void *ctx, void *data, size_t size)
{
	struct event e = *(struct event *)data;

	sink ^= e.pid ^ e.time ^ e.comm[0];
	seen++;
	return 0;
}

static double consume(ring_buffer_sample_fn callback)
{
	static struct ring_buffer *ring;
	int fd = bpf_object__find_map_fd_by_name(object, "events");
	double start, took;

	if (!ring)
		ring = ring_buffer__new(fd, callback, NULL, NULL);
	if (!ring)
		die("ring_buffer__new", errno);
	run("fill_ring", RING_EVENTS, BPF_RB_NO_WAKEUP);
	seen = 0;
	start = now();
	ring_buffer__consume(ring);
	took = now() - start;
	if (seen != RING_EVENTS)
		die("events missing", 0);
	return seen / took;
}

static double ring_in_place(void)
{
	return consume(on_event);
}

static double ring_copied(void)
{
	return consume(on_event_copied);
}

static void on_sample(void *ctx, int cpu, void *data, uint32_t size)
{
	struct event e = *(struct event *)data;

	sink ^= e.pid ^ e.time ^ e.comm[0];
	seen++;
}

static double perf(void)
{
	static struct perf_buffer *buffer;
	int fd = bpf_object__find_map_fd_by_name(object, "perf");
	double start, took;

	if (!buffer)
		buffer = perf_buffer__new(fd, PERF_PAGES, on_sample, NULL, NULL, NULL);
	if (!buffer)
		die("perf_buffer__new", errno);
	run("fill_perf", PERF_EVENTS, 0);
	seen = 0;
	start = now();
	perf_buffer__consume(buffer);
	took = now() - start;
	if (seen != PERF_EVENTS)
		die("samples missing", 0);
	return seen / took;
}

// Milliseconds, as a negative rate: smaller is better.
static double kernel_btf(void)
{
	double start = now();
	struct btf *btf = btf__load_vmlinux_btf();
	int id = btf__find_by_name_kind(btf, "task_struct", BTF_KIND_STRUCT);
	double took = now() - start;

	if (id < 0)
		die("task_struct", id);
	btf__free(btf);
	return -took * 1000;
}

static const char *path;
static const char *basic;

// Event types in the object: what libbpf takes for value sizes the kernel refuses.
static struct bpf_object *load(void)
{
	struct bpf_object *o = bpf_object__open_file(path, NULL);
	int err;

	if (!o)
		die("open", errno);
	bpf_map__set_value_size(bpf_object__find_map_by_name(o, "events"), 0);
	err = bpf_object__load(o);
	if (err)
		die("load", err);
	return o;
}

static double open_load(void)
{
	double start = now();
	struct bpf_object *o = bpf_object__open_file(basic, NULL);
	int err = o ? bpf_object__load(o) : -errno;
	double took = now() - start;

	if (err)
		die("load", err);
	bpf_object__close(o);
	return -took * 1000;
}

static const struct {
	const char *name;
	double (*measure)(void);
} measures[] = {
	{ "lookup", lookup },	       { "update", update },	       { "batch-read", batch_read },
	{ "batch-write", batch_write }, { "iterate", iterate },	       { "ring-in-place", ring_in_place },
	{ "ring-copied", ring_copied }, { "perf", perf },	       { "kernel-btf", kernel_btf },
	{ "open-load", open_load },
};

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: baseline <bench.bpf.o> <basic.bpf.o> <measure>\n");
		return 2;
	}
	path = argv[1];
	basic = argv[2];
	libbpf_set_print(NULL);
	object = load();
	counts = bpf_object__find_map_fd_by_name(object, "counts");
	for (uint32_t i = 0; i < ENTRIES; i++) {
		uint64_t value = i;

		bpf_map_update_elem(counts, &i, &value, BPF_ANY);
	}
	for (size_t i = 0; i < sizeof(measures) / sizeof(*measures); i++) {
		double best = 0, start = now();

		if (strcmp(measures[i].name, argv[3]))
			continue;
		for (int round = 0; round < MIN_ROUNDS || now() - start < SECONDS; round++) {
			double rate = measures[i].measure();

			if (best == 0 || rate > best)
				best = rate;
		}
		printf("%f\n", best < 0 ? -best : best);
		return 0;
	}
	fprintf(stderr, "unknown measure %s\n", argv[3]);
	return 2;
}
