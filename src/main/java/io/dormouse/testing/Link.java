package io.dormouse.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The way to a host and back. While it is down, nothing passes and nobody is told: what TCP has
 * sent is sent again when the link is up, all else is lost. Settings may be changed at any time, on
 * the thread that runs the loop.
 */
public final class Link {
  /** How long a sender waits at least before it sends again what was lost (RFC 6298). */
  private static final long RESEND_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private static final long MOST_RESENDS = 5;

  private final SimulatedNetwork network;
  private final Host host;
  private long latencyNanos;
  private long jitterNanos;
  private long bytesPerSecond = Long.MAX_VALUE;
  private double loss;
  private boolean down;
  private final long[] busyUntil = new long[2]; // by direction
  private final List<Runnable> waiting = new ArrayList<>();

  Link(SimulatedNetwork network, Host host, Duration latency) {
    this.network = network;
    this.host = host;
    this.latencyNanos = latency.toNanos();
    busyUntil[0] = network.nanoTime();
    busyUntil[1] = busyUntil[0];
  }

  /**
   * How long anything takes one way.
   *
   * @param oneWay zero or more; 10 ms where nothing is said
   * @return this
   */
  public Link latency(Duration oneWay) {
    latencyNanos = oneWay.toNanos();
    return this;
  }

  /**
   * How much longer it may take, by chance; datagrams overtake each other then.
   *
   * @param most zero or more; zero where nothing is said
   * @return this
   */
  public Link jitter(Duration most) {
    jitterNanos = most.toNanos();
    return this;
  }

  /**
   * How many bytes pass in a second, each way.
   *
   * @param bytesPerSecond at least 1; without a limit where nothing is said
   * @return this
   */
  public Link bandwidth(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
    return this;
  }

  /**
   * How much of what is sent gets lost, from 0 to 1: TCP sends it again, a datagram is gone or
   * comes twice.
   *
   * @param share from 0 to 1; 0 where nothing is said
   * @return this
   */
  public Link loss(double share) {
    loss = share;
    return this;
  }

  /** From now on nothing passes. */
  public void down() {
    host.note("the link is down");
    down = true;
  }

  /** From now on it passes again. */
  public void up() {
    if (down) {
      host.note("the link is up");
      down = false;
      resendSoon();
    }
  }

  /**
   * Returns whether nothing passes.
   *
   * @return whether nothing passes now
   */
  public boolean isDown() {
    return down;
  }

  /** What waits for the host is sent again. */
  void resendSoon() {
    network.execute(this::resend);
  }

  private void resend() {
    List<Runnable> resends = new ArrayList<>(waiting);
    waiting.clear();
    for (Runnable each : resends) {
      network.after(RESEND_NANOS + network.nextLong(4 * RESEND_NANOS), each);
    }
  }

  /** Calls this some time after the link is up again. */
  void whenUp(Runnable resend) {
    waiting.add(resend);
  }

  /** How long so many bytes take, without what may get lost. */
  long nanos(int bytes, boolean outward) {
    int direction = outward ? 0 : 1;
    long now = network.nanoTime();
    long start = busyUntil[direction] - now > 0 ? busyUntil[direction] : now;
    long takes =
        bytesPerSecond == Long.MAX_VALUE ? 0 : bytes * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
    busyUntil[direction] = start + takes;
    return start + takes - now + latencyNanos + network.nextLong(jitterNanos + 1);
  }

  /** How long until what was handed in before is on its way. */
  long backlogNanos(boolean outward) {
    return Math.max(0, busyUntil[outward ? 0 : 1] - network.nanoTime());
  }

  /** The same for TCP, which sends again what is lost. */
  long reliableNanos(int bytes, boolean outward) {
    long nanos = nanos(bytes, outward);
    for (int i = 0; i < MOST_RESENDS && isLost(); i++) {
      nanos += RESEND_NANOS << i;
    }
    return nanos;
  }

  boolean isLost() {
    return loss > 0 && network.nextDouble() < loss;
  }
}
