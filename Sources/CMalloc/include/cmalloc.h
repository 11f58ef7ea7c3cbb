#ifndef CMALLOC_H
#define CMALLOC_H

#include <stddef.h>

// Lets buffers of `bytes` and more go back to the system as soon as they are freed, whatever was freed before. Does nothing where the C library has no such setting.
void sluice_malloc_return_from(size_t bytes);

#endif
