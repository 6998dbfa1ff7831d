/* The five kernels of SciMark: the same numbers in the same order as programs/scimark.py. */
#include <math.h>
#include <stdio.h>

#define PI 3.141592653589793

static long state;

static double next(void) {
    state = (state * 1103515245 + 12345) & 0x7FFFFFFF;
    return state / 2147483648.0;
}

static void swap(double *a, double *b) {
    double t = *a;
    *a = *b;
    *b = t;
}

#define POINTS 1024
static double re[POINTS], im[POINTS], first[POINTS];

static void transform(int n, double sign) {
    for (int i = 1, j = 0; i < n; i++) {
        int bit = n >> 1;
        for (; j & bit; bit >>= 1) j ^= bit;
        j |= bit;
        if (i < j) {
            swap(&re[i], &re[j]);
            swap(&im[i], &im[j]);
        }
    }
    for (int half = 1; half < n; half *= 2) {
        double angle = sign * PI / half;
        for (int k = 0; k < half; k++) {
            double c = cos(angle * k), s = sin(angle * k);
            for (int a = k; a < n; a += 2 * half) {
                int b = a + half;
                double x = re[b] * c - im[b] * s, y = re[b] * s + im[b] * c;
                re[b] = re[a] - x;
                im[b] = im[a] - y;
                re[a] += x;
                im[a] += y;
            }
        }
    }
}

static void fft(int rounds) {
    double seen = 0, worst = 0;
    state = 113;
    for (int i = 0; i < POINTS; i++) first[i] = re[i] = next();
    for (int i = 0; i < POINTS; i++) im[i] = next();
    for (int r = 0; r < rounds; r++) {
        transform(POINTS, -1);
        seen = re[1];
        transform(POINTS, 1);
        for (int i = 0; i < POINTS; i++) {
            re[i] /= POINTS;
            im[i] /= POINTS;
        }
    }
    for (int i = 0; i < POINTS; i++) worst = fmax(worst, fabs(re[i] - first[i]));
    printf("fft %.9f %s\n", seen, worst < 1e-10 ? "close" : "wrong");
}

#define SIDE 100
static double grid[SIDE][SIDE];

static void relax(int rounds, double omega) {
    double quarter = omega * 0.25, rest = 1.0 - omega, sum = 0;
    state = 7;
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) grid[i][j] = next();
    for (int r = 0; r < rounds; r++)
        for (int i = 1; i < SIDE - 1; i++) {
            double *above = grid[i - 1], *row = grid[i], *below = grid[i + 1];
            for (int j = 1; j < SIDE - 1; j++)
                row[j] = quarter * (above[j] + below[j] + row[j - 1] + row[j + 1]) + rest * row[j];
        }
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) sum += grid[i][j];
    printf("relaxation %.6f\n", sum);
}

static void monte_carlo(int samples) {
    int inside = 0;
    state = 42;
    for (int i = 0; i < samples; i++) {
        double x = next(), y = next();
        inside += x * x + y * y <= 1.0;
    }
    printf("monte carlo %.6f\n", 4.0 * inside / samples);
}

#define ROWS 1000
#define EACH 5
static double vector[ROWS], product[ROWS], values[ROWS * EACH];
static int starts[ROWS + 1], columns[ROWS * EACH];

static void sparse(int rounds) {
    double sum = 0;
    state = 5;
    for (int i = 0; i < ROWS; i++) vector[i] = next();
    for (int i = 0; i <= ROWS; i++) starts[i] = i * EACH;
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < EACH; k++) columns[i * EACH + k] = (i * 31 + k * (ROWS / EACH)) % ROWS;
    for (int i = 0; i < ROWS * EACH; i++) values[i] = next();
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < ROWS; i++) {
            double s = 0;
            for (int k = starts[i]; k < starts[i + 1]; k++) s += values[k] * vector[columns[k]];
            product[i] = s;
        }
    for (int i = 0; i < ROWS; i++) sum += product[i];
    printf("sparse %.6f\n", sum);
}

#define ORDER 60
static double cells[ORDER][ORDER], *m[ORDER];

static double factor(void) {
    double sign = 1;
    for (int j = 0; j < ORDER; j++) {
        int pivot = j;
        for (int i = j + 1; i < ORDER; i++)
            if (fabs(m[i][j]) > fabs(m[pivot][j])) pivot = i;
        if (pivot != j) {
            double *t = m[pivot];
            m[pivot] = m[j];
            m[j] = t;
            sign = -sign;
        }
        double *top = m[j], scale = 1.0 / top[j];
        for (int i = j + 1; i < ORDER; i++) {
            double *row = m[i], f = row[j] *= scale;
            for (int k = j + 1; k < ORDER; k++) row[k] -= f * top[k];
        }
    }
    return sign;
}

static void lu(int rounds) {
    double sign = 0, logarithm = 0;
    for (int r = 0; r < rounds; r++) {
        state = 1000 + r;
        for (int i = 0; i < ORDER; i++) {
            m[i] = cells[i];
            for (int j = 0; j < ORDER; j++) m[i][j] = next() - 0.5;
        }
        sign += factor();
        for (int i = 0; i < ORDER; i++) logarithm += log(fabs(m[i][i]));
    }
    printf("lu %.0f %.9f\n", sign, logarithm);
}

int main(void) {
    fft(40);
    relax(50, 1.25);
    monte_carlo(800000);
    sparse(150);
    lu(16);
    return 0;
}
