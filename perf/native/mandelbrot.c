/* Escape times: as programs/mandelbrot.py. */
#include <stdio.h>

static int escape(double cr, double ci, int limit) {
    double zr = 0, zi = 0;
    for (int i = 0; i < limit; i++) {
        double zr2 = zr * zr, zi2 = zi * zi;
        if (zr2 + zi2 > 4.0) return i;
        double r = zr2 - zi2 + cr;
        zi = 2.0 * zr * zi + ci;
        zr = r;
    }
    return limit;
}

int main(void) {
    long total = 0;
    for (int y = 0; y < 300; y++)
        for (int x = 0; x < 300; x++) total += escape(x / 150.0 - 1.5, y / 150.0 - 1.0, 200);
    printf("%ld\n", total);
    return 0;
}
