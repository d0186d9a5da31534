// One program per hook of the network stack and of cgroups; each counts what passes it.
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

// Index of each program in hits.
enum hook {
	HOOK_XDP, HOOK_TC, HOOK_TCX, HOOK_NETKIT, HOOK_SOCKET, HOOK_CGROUP_SKB, HOOK_CONNECT4,
	HOOK_BIND4, HOOK_POST_BIND4, HOOK_SOCK_CREATE, HOOK_GETSOCKOPT, HOOK_SETSOCKOPT, HOOK_SYSCTL,
	HOOK_DEVICE, HOOK_SOCKOPS, HOOK_SK_MSG, HOOK_SK_SKB, HOOK_SK_LOOKUP, HOOK_REUSEPORT,
	HOOK_FLOW_DISSECTOR, HOOK_LWT, HOOK_NETFILTER, HOOKS,
};

const volatile __u16 target_port = 0;

__u64 hits[HOOKS];

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} group SEC(".maps");

#define HIT(hook) __sync_fetch_and_add(&hits[HOOK_##hook], 1)

SEC("?xdp")
int on_xdp(struct xdp_md *ctx)
{
	HIT(XDP);
	return XDP_PASS;
}

SEC("?tc")
int on_tc(struct __sk_buff *skb)
{
	HIT(TC);
	return 0; // TC_ACT_OK
}

SEC("?tc")
int on_tcx(struct __sk_buff *skb)
{
	HIT(TCX);
	return -1; // TCX_NEXT: the program after this one decides
}

SEC("?socket")
int on_socket(struct __sk_buff *skb)
{
	HIT(SOCKET);
	return skb->len;
}

SEC("?cgroup_skb/egress")
int on_egress(struct __sk_buff *skb)
{
	HIT(CGROUP_SKB);
	return 1;
}

SEC("?cgroup/connect4")
int on_connect4(struct bpf_sock_addr *ctx)
{
	HIT(CONNECT4);
	return 1;
}

SEC("?cgroup/bind4")
int on_bind4(struct bpf_sock_addr *ctx)
{
	HIT(BIND4);
	return 0; // EPERM for who binds
}

SEC("?cgroup/post_bind4")
int on_post_bind4(struct bpf_sock *ctx)
{
	HIT(POST_BIND4);
	return 1;
}

SEC("?cgroup/sock_create")
int on_sock_create(struct bpf_sock *ctx)
{
	HIT(SOCK_CREATE);
	return 1;
}

SEC("?cgroup/getsockopt")
int on_getsockopt(struct bpf_sockopt *ctx)
{
	HIT(GETSOCKOPT);
	return 1;
}

SEC("?cgroup/setsockopt")
int on_setsockopt(struct bpf_sockopt *ctx)
{
	HIT(SETSOCKOPT);
	return 1;
}

SEC("?cgroup/sysctl")
int on_sysctl(struct bpf_sysctl *ctx)
{
	HIT(SYSCTL);
	return 1;
}

SEC("?cgroup/dev")
int on_device(struct bpf_cgroup_dev_ctx *ctx)
{
	if (ctx->major == 1 && ctx->minor == 5) // /dev/zero
		HIT(DEVICE);
	return 1;
}

SEC("?sockops")
int on_sockops(struct bpf_sock_ops *ctx)
{
	HIT(SOCKOPS);
	return 1;
}

SEC("?sk_msg")
int on_sk_msg(struct sk_msg_md *ctx)
{
	HIT(SK_MSG);
	return SK_PASS;
}

SEC("?sk_skb/stream_verdict")
int on_sk_skb(struct __sk_buff *skb)
{
	HIT(SK_SKB);
	return SK_PASS;
}

SEC("?sk_lookup")
int on_sk_lookup(struct bpf_sk_lookup *ctx)
{
	if (ctx->local_port == target_port)
		HIT(SK_LOOKUP);
	return SK_PASS;
}

SEC("?sk_reuseport")
int on_reuseport(struct sk_reuseport_md *ctx)
{
	__u32 second = 1;

	HIT(REUSEPORT);
	bpf_sk_select_reuseport(ctx, &group, &second, 0);
	return SK_PASS;
}

SEC("?flow_dissector")
int on_flow(struct __sk_buff *skb)
{
	HIT(FLOW_DISSECTOR);
	return BPF_FLOW_DISSECTOR_CONTINUE;
}

SEC("?lwt_xmit")
int on_lwt(struct __sk_buff *skb)
{
	HIT(LWT);
	return BPF_OK;
}

SEC("?netfilter")
int on_netfilter(struct bpf_nf_ctx *ctx)
{
	HIT(NETFILTER);
	return 1; // NF_ACCEPT
}
