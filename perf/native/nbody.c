/* Planets pulling at each other: the same sums in the same order as programs/nbody.py. */
#include <math.h>
#include <stdio.h>

struct body { double x, y, z, vx, vy, vz, mass; };
#define N 5
#define YEAR 365.24
#define PI 3.141592653589793
#define SUN (4 * PI * PI)

static struct body b[N] = {
    {0, 0, 0, 0, 0, 0, SUN},
    {4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
     0.00166007664274403694 * YEAR, 0.00769901118419740425 * YEAR, -0.0000690460016972063023 * YEAR,
     0.000954791938424326609 * SUN},
    {8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
     -0.00276742510726411256 * YEAR, 0.00499852801234917238 * YEAR, 0.0000230417297573763929 * YEAR,
     0.000285885980666130812 * SUN},
    {12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
     0.00296460137564761618 * YEAR, 0.00237847173959480950 * YEAR, -0.0000296589568540237556 * YEAR,
     0.0000436624404335156298 * SUN},
    {15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
     0.00268067772490389322 * YEAR, 0.00162824170038242295 * YEAR, -0.0000951592254519715870 * YEAR,
     0.0000515138902046611451 * SUN},
};

static void advance(double dt, int steps) {
    for (int s = 0; s < steps; s++) {
        for (int i = 0; i < N; i++)
            for (int j = i + 1; j < N; j++) {
                double dx = b[i].x - b[j].x, dy = b[i].y - b[j].y, dz = b[i].z - b[j].z;
                double d2 = dx * dx + dy * dy + dz * dz;
                double mag = dt / (d2 * sqrt(d2));
                double am = b[i].mass * mag, bm = b[j].mass * mag;
                b[i].vx -= dx * bm; b[i].vy -= dy * bm; b[i].vz -= dz * bm;
                b[j].vx += dx * am; b[j].vy += dy * am; b[j].vz += dz * am;
            }
        for (int i = 0; i < N; i++) {
            b[i].x += dt * b[i].vx; b[i].y += dt * b[i].vy; b[i].z += dt * b[i].vz;
        }
    }
}

static double energy(void) {
    double e = 0;
    for (int i = 0; i < N; i++) {
        e += 0.5 * b[i].mass * (b[i].vx * b[i].vx + b[i].vy * b[i].vy + b[i].vz * b[i].vz);
        for (int j = i + 1; j < N; j++) {
            double dx = b[i].x - b[j].x, dy = b[i].y - b[j].y, dz = b[i].z - b[j].z;
            e -= b[i].mass * b[j].mass / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}

int main(void) {
    advance(0.01, 140000);
    printf("%.9f\n", energy());
    return 0;
}
