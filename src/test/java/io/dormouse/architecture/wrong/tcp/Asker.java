package io.dormouse.architecture.wrong.tcp;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;

/** Breaks rules on purpose: asks the system itself, past the network and the loop. */
public final class Asker {
  /** The name of a method is an access too. */
  public Callable<SocketChannel> opener = SocketChannel::open;

  /** Asks for the clocks and for a random number. */
  public long ask() throws IOException {
    long random = ThreadLocalRandom.current().nextLong();
    return random + Instant.now().toEpochMilli() + System.nanoTime() + System.currentTimeMillis();
  }
}
