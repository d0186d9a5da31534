// Sends packets on to what a map holds; counts by cgroup.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} devices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} xsks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, __u64);
} by_cgroup SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, __u64);
} by_cgroup_and_cpu SEC(".maps");

__u64 on_cpu_hits = 0;
__u32 last_cpu = 0;

SEC("?xdp")
int to_device(struct xdp_md *ctx)
{
	return bpf_redirect_map(&devices, 2, XDP_PASS);
}

SEC("?xdp")
int to_cpu(struct xdp_md *ctx)
{
	return bpf_redirect_map(&cpus, 0, XDP_PASS);
}

SEC("?xdp")
int to_socket(struct xdp_md *ctx)
{
	return bpf_redirect_map(&xsks, 3, XDP_PASS);
}

// Runs on the CPU that to_cpu chose.
SEC("?xdp/cpumap")
int on_cpu(struct xdp_md *ctx)
{
	last_cpu = bpf_get_smp_processor_id();
	__sync_fetch_and_add(&on_cpu_hits, 1);
	// Behind one that is dropped, the rest of a batch is not shown to the program (cpu_map_bpf_prog_run_skb).
	return XDP_PASS;
}

SEC("?cgroup_skb/egress")
int count(struct __sk_buff *skb)
{
	__u64 *shared = bpf_get_local_storage(&by_cgroup, 0);
	__u64 *here = bpf_get_local_storage(&by_cgroup_and_cpu, 0);

	__sync_fetch_and_add(shared, 1);
	*here += 1;
	return 1;
}
