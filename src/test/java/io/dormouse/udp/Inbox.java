package io.dormouse.udp;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dormouse.support.Await;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** Keeps what a connection receives. */
final class Inbox implements BiConsumer<UdpConnection, Datagram> {
  private final BlockingQueue<Datagram> received = new LinkedBlockingQueue<>();

  @Override
  public void accept(UdpConnection connection, Datagram datagram) {
    received.add(datagram);
  }

  /** Waits for the next datagram. */
  Datagram next() {
    try {
      Datagram datagram = received.poll(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
      if (datagram == null) {
        throw new AssertionError("waited " + Await.LIMIT + " for a datagram, without result");
      }
      return datagram;
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /** Waits for the next datagram, as text. */
  String nextText() {
    return new String(next().bytes(), UTF_8);
  }
}
