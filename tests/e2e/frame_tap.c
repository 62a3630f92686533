/* Preloaded into Chocolate or Crispy Doom: writes every frame to the file $FRAME_TAP, before it becomes colours.
 *
 * A record is width, height and "the program slept since the last frame" (uint32), 768 bytes of colours, and the
 * palette indexes. Time runs by the frame, so that melts take the same number of frames on every machine; only they
 * sleep in a -timedemo. The functions replace SDL 2's; the structure is the head of its public one.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIC_MS = 29 };

typedef struct {
    uint32_t flags;
    void *format;
    int width, height, pitch;
    uint8_t *pixels;
} Surface;

typedef int SetColours(void *palette, const uint8_t *colours, int first, int count);

static uint32_t now, slept;
static uint8_t shown[256][3];

uint32_t SDL_GetTicks(void) { return now += TIC_MS; }

void SDL_Delay(uint32_t milliseconds) {
    (void)milliseconds;
    slept = 1;
}

int SDL_SetPaletteColors(void *palette, const uint8_t *colours, int first, int count) {
    SetColours *real;
    *(void **)&real = dlsym(RTLD_NEXT, "SDL_SetPaletteColors");
    for (int i = 0; i < count && first + i < 256; i++) memcpy(shown[first + i], colours + 4 * i, 3);
    return real(palette, colours, first, count);
}

int SDL_LowerBlit(Surface *source, void *from, void *target, void *to) {
    static FILE *out;
    (void)from, (void)target, (void)to;
    if (!out && !(out = fopen(getenv("FRAME_TAP"), "wb"))) abort();
    uint32_t head[3] = {(uint32_t)source->width, (uint32_t)source->height, slept};
    slept = 0;
    fwrite(head, sizeof head, 1, out);
    fwrite(shown, sizeof shown, 1, out);
    for (int y = 0; y < source->height; y++) fwrite(source->pixels + y * source->pitch, (size_t)source->width, 1, out);
    fflush(out);
    return 0;
}
