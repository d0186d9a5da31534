// Makes a timer, asks for what is left of it, deletes it, and asks who its parent is.
#include <signal.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct itimerspec left;
	timer_t timer;

	timer_create(CLOCK_REALTIME, NULL, &timer);
	timer_gettime(timer, &left);
	timer_delete(timer);
	return getppid() < 0;
}
