package io.dormouse.bench.traffic;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import java.io.IOException;

/**
 * Datagrams in a second over one socket. Sending, those that the system took, by the time until the
 * last send was done; receiving, those that came to the app, by the time between the first and the
 * last.
 *
 * <p>What is lost in a full receive buffer is UDP's way, and nobody's fault: it does not count as
 * missing. What does is a datagram that could not be sent, and all of them if not one came.
 */
public final class DatagramRate implements Contender {
  private final Direction direction;
  private final int size;
  private final int number;
  private final Posts posts;
  private final Tally tally;

  /** Seen from the client. */
  enum Direction {
    SEND,
    RECEIVE
  }

  /** Words: the direction, bytes of a datagram, and how many of them. */
  public DatagramRate(Setting setting) throws Exception {
    direction = Direction.valueOf(setting.word(0));
    size = setting.number(1);
    number = setting.number(2);
    posts = Posts.of(setting);
    tally = new Tally(setting.ports().udp());
  }

  @Override
  public Round play() throws Exception {
    return direction == Direction.SEND ? send() : receive();
  }

  private Round send() throws Exception {
    long begun = System.nanoTime();
    int missing = posts.send(number, size);
    double seconds = (System.nanoTime() - begun) / 1e9;
    long counted = tally.count(); // waits until the server is done, too
    return new Round((number - missing) / seconds, counted == 0 ? number : missing);
  }

  private Round receive() throws Exception {
    Shower shower = posts.receive(number, size);
    tally.thank();
    return shower.isOver() ? Round.of(shower.perSecond()) : new Round(0, number);
  }

  @Override
  public void close() throws IOException {
    posts.close();
    tally.close();
  }
}
