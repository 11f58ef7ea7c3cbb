#include "cmalloc.h"

#include <limits.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

void sluice_malloc_return_from(size_t bytes) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, bytes > INT_MAX ? INT_MAX : (int)bytes);
#else
    (void)bytes;
#endif
}
