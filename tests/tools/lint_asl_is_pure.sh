#!/bin/sh
# lint_asl_is_pure.sh libasl.a - asl reads no clock, no file, no environment, draws no random number, starts no thread:
# whatever it needs of those comes in with the event. Fails on a symbol of the deny list.
set -u
archive=$1
deny='time|clock|clock_gettime|gettimeofday|nanosleep|sleep|usleep|localtime|localtime_r|gmtime|gmtime_r|mktime|timegm'
deny="$deny|strftime|strptime|tzset|setlocale|newlocale|uselocale|localeconv"
deny="$deny|rand|srand|rand_r|random|srandom|drand48|getrandom|getentropy|arc4random|RAND_bytes"
deny="$deny|open|openat|fopen|fdopen|freopen|creat|read|write|pread|pwrite|fread|fwrite|fgets|fputs|puts|printf|scanf"
deny="$deny|fscanf|getline|socket|connect|accept|bind|send|recv|poll|select|epoll_create1|eventfd|pipe"
deny="$deny|stat|fstat|mkdir|rename|unlink|opendir|readdir|getcwd|chdir|mmap"
deny="$deny|getenv|secure_getenv|setenv|putenv|environ|getpid|fork|execve|execvp|posix_spawn|system|popen|kill|signal"
deny="$deny|sigaction|exit|_exit|atexit|setjmp|_setjmp|longjmp|pthread_[a-z_]*|thrd_[a-z_]*|mtx_[a-z_]*"
found=$(nm -A -u "$archive" 2>/dev/null | sed 's/@.*//' | grep -E "[[:space:]](__isoc99_|__isoc23_|__)?($deny)(64|_chk)?\$")
if [ -n "$found" ]; then
    printf '%s\n' "$found"
    echo "lint.asl_is_pure: asl must not use these"
    exit 1
fi
echo "lint.asl_is_pure: ok"
