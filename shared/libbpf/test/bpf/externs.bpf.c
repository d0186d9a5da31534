// Names that no kernel has: a kernel variable and a configuration option.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#ifdef KCONFIG
extern int CONFIG_NO_SUCH_OPTION __kconfig;
#define MISSING CONFIG_NO_SUCH_OPTION
#else
extern const int no_such_variable __ksym;
#define MISSING (long)&no_such_variable
#endif

SEC("raw_tp/sys_enter")
int uses(void *ctx)
{
	return MISSING;
}
