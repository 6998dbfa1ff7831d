/* Pancake flipping: as programs/fannkuch.py. */
#include <stdio.h>
#include <string.h>

#define N 10
#define COUNT 900000

static int flips(const int *from) {
    int p[N], n = 0;
    memcpy(p, from, sizeof p);
    while (p[0]) {
        for (int i = 0, j = p[0]; i < j; i++, j--) { int t = p[i]; p[i] = p[j]; p[j] = t; }
        n++;
    }
    return n;
}

/* The next permutation in lexicographic order, which is that of itertools.permutations. */
static void next(int *p) {
    int i = N - 2, j = N - 1;
    while (p[i] > p[i + 1]) i--;
    while (p[j] < p[i]) j--;
    int t = p[i]; p[i] = p[j]; p[j] = t;
    for (int a = i + 1, b = N - 1; a < b; a++, b--) { t = p[a]; p[a] = p[b]; p[b] = t; }
}

int main(void) {
    int p[N], best = 0;
    long total = 0;
    for (int i = 0; i < N; i++) p[i] = i;
    for (int k = 0; k < COUNT; k++) {
        int f = flips(p);
        total += f;
        if (f > best) best = f;
        if (k + 1 < COUNT) next(p);
    }
    printf("%d %ld\n", best, total);
    return 0;
}
