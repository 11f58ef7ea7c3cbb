#ifndef CMALLOC_H
#define CMALLOC_H

#include <stddef.h>

// Lets buffers of `bytes` and more go back to the system as soon as they are freed, whatever was freed before. Does nothing where the C library has no such setting.
void sluice_malloc_return_from(size_t bytes);

// Gives back the pages of the program's and the libraries' files that were read so far and not written to: what only a start needs stays away, the rest is mapped again
// from the system's cache as it is used. Does nothing on other systems than Linux.
void sluice_give_back_file_pages(void);

#endif
