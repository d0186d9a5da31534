// A library to be probed: a function for uprobes, and a USDT probe as <sys/sdt.h> would make it.

// The note that says where the probe is and in which register its argument (Documentation/trace: stapsdt notes).
#if defined(__x86_64__)
#define ARGUMENT "-4@%%edi"
#elif defined(__aarch64__)
#define ARGUMENT "-4@x0"
#endif

#define PROBE(provider, name)                                                      \
	__asm__ volatile("990: nop\n"                                              \
			 ".pushsection .note.stapsdt, \"\", \"note\"\n"            \
			 ".balign 4\n"                                             \
			 ".4byte 992f-991f, 994f-993f, 3\n"                        \
			 "991: .asciz \"stapsdt\"\n"                               \
			 "992: .balign 4\n"                                        \
			 "993: .8byte 990b\n"                                      \
			 ".8byte _.stapsdt.base\n"                                 \
			 ".8byte 0\n"                                              \
			 ".asciz \"" #provider "\"\n"                              \
			 ".asciz \"" #name "\"\n"                                  \
			 ".asciz \"" ARGUMENT "\"\n"                               \
			 "994: .balign 4\n"                                        \
			 ".popsection\n"                                           \
			 ".pushsection .stapsdt.base, \"aG\", \"progbits\", .stapsdt.base, comdat\n" \
			 ".weak _.stapsdt.base\n"                                  \
			 ".hidden _.stapsdt.base\n"                                \
			 "_.stapsdt.base: .space 1\n"                              \
			 ".size _.stapsdt.base, 1\n"                               \
			 ".popsection\n" ::)

__attribute__((noinline)) int traced_function(int n)
{
	__asm__ volatile("" : "+r"(n));
	return n + 1;
}

__attribute__((noinline)) int traced_too(int n)
{
	__asm__ volatile("" : "+r"(n));
	return n + 2;
}

__attribute__((noinline)) int fire(int n)
{
	PROBE(labs, fired);
	return n;
}
