"""An operating system's kernel simulated: tasks of four kinds pass packets through a scheduler.

The known benchmark's algorithm (Martin Richards), written afresh; its two counts are the check.
"""

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)
FOR_DEVICE, FOR_WORK = range(2)
QUEUE_LIMIT = 4


class Packet:
    def __init__(self, link, owner, kind):
        self.link = link
        self.owner = owner
        self.kind = kind
        self.datum = 0
        self.data = [0] * QUEUE_LIMIT

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Task:
    """A task and its state: three flags that say why it does or does not run."""

    def __init__(self, kernel, name, priority, queue, waiting, ready):
        self.kernel = kernel
        self.name = name
        self.priority = priority
        self.queue = queue
        self.packet_pending = queue is not None
        self.waiting = waiting
        self.held = False
        if ready:
            self.packet_pending = self.waiting = False
        self.next = kernel.tasks
        kernel.tasks = self
        kernel.table[name] = self

    def stopped(self):
        return self.held or (self.waiting and not self.packet_pending)

    def run(self):
        packet = None
        if self.waiting and self.packet_pending:
            packet = self.queue
            self.queue = packet.link
            self.waiting = False
            self.packet_pending = self.queue is not None
        return self.step(packet)

    def take(self, packet, sender):
        """A packet arrives: who should run now?"""
        if self.queue is None:
            self.queue = packet
            self.packet_pending = True
            if self.priority > sender.priority:
                return self
        else:
            packet.append_to(self.queue)
        return sender

    def wait(self):
        self.waiting = True
        return self

    def hold(self):
        self.kernel.holds += 1
        self.held = True
        return self.next

    def release(self, name):
        other = self.kernel.table[name]
        other.held = False
        return other if other.priority > self.priority else self

    def send(self, packet):
        target = self.kernel.table[packet.owner]
        self.kernel.sent += 1
        packet.link = None
        packet.owner = self.name
        return target.take(packet, self)


class Idle(Task):
    def __init__(self, kernel, count):
        super().__init__(kernel, IDLE, 0, None, False, True)
        self.count = count
        self.control = 1

    def step(self, packet):
        self.count -= 1
        if self.count == 0:
            return self.hold()
        if self.control & 1 == 0:
            self.control //= 2
            return self.release(DEVICE_A)
        self.control = self.control // 2 ^ 0xd008
        return self.release(DEVICE_B)


class Worker(Task):
    def __init__(self, kernel, queue):
        super().__init__(kernel, WORKER, 1000, queue, True, False)
        self.destination = HANDLER_A
        self.letter = 0

    def step(self, packet):
        if packet is None:
            return self.wait()
        self.destination = HANDLER_B if self.destination == HANDLER_A else HANDLER_A
        packet.owner = self.destination
        packet.datum = 0
        for i in range(QUEUE_LIMIT):
            self.letter = self.letter % 26 + 1
            packet.data[i] = 64 + self.letter
        return self.send(packet)


class Handler(Task):
    def __init__(self, kernel, name, priority, queue):
        super().__init__(kernel, name, priority, queue, True, False)
        self.work = None
        self.device = None

    def step(self, packet):
        if packet is not None:
            if packet.kind == FOR_WORK:
                self.work = packet.append_to(self.work)
            else:
                self.device = packet.append_to(self.device)
        work = self.work
        if work is None:
            return self.wait()
        if work.datum >= QUEUE_LIMIT:
            self.work = work.link
            return self.send(work)
        device = self.device
        if device is None:
            return self.wait()
        self.device = device.link
        device.datum = work.data[work.datum]
        work.datum += 1
        return self.send(device)


class Device(Task):
    def __init__(self, kernel, name, priority):
        super().__init__(kernel, name, priority, None, True, False)
        self.pending = None

    def step(self, packet):
        if packet is None:
            if self.pending is None:
                return self.wait()
            packet, self.pending = self.pending, None
            return self.send(packet)
        self.pending = packet
        return self.hold()


class Kernel:
    def __init__(self, count):
        self.tasks = None
        self.table = [None] * 6
        self.holds = self.sent = 0
        Idle(self, count)
        Worker(self, self.packets(2, WORKER, FOR_WORK))
        Handler(self, HANDLER_A, 2000, self.packets(3, DEVICE_A, FOR_DEVICE))
        Handler(self, HANDLER_B, 3000, self.packets(3, DEVICE_B, FOR_DEVICE))
        Device(self, DEVICE_A, 4000)
        Device(self, DEVICE_B, 5000)

    @staticmethod
    def packets(n, owner, kind):
        queue = None
        for _ in range(n):
            queue = Packet(queue, owner, kind)
        return queue

    def schedule(self):
        task = self.tasks
        while task is not None:
            task = task.next if task.stopped() else task.run()


def main():
    for _ in range(18):
        kernel = Kernel(10000)
        kernel.schedule()
    print(kernel.sent, kernel.holds)


if __name__ == "__main__":
    main()
