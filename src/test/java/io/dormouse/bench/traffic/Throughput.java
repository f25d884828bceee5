package io.dormouse.bench.traffic;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import java.io.IOException;

/**
 * Megabytes (of 1,000,000 bytes) in a second over one connection. Up, the clock stops when the
 * server has said that all is there; down, when the last byte is.
 */
public final class Throughput implements Contender {
  private final Direction direction;
  private final long bytes;
  private final Streams streams;

  /** Seen from the client. */
  enum Direction {
    UP,
    DOWN
  }

  /** What is sent over. */
  enum Over {
    TCP,
    /** The same, and what comes is lent to the app for the time of a call. */
    BORROWED_TCP,
    TLS
  }

  /** Words: over what, the direction, and how many MiB. */
  public Throughput(Setting setting) throws Exception {
    direction = Direction.valueOf(setting.word(1));
    bytes = (long) setting.number(2) << 20;
    streams = Streams.of(setting, Over.valueOf(setting.word(0)));
  }

  @Override
  public Round play() throws Exception {
    long begun = System.nanoTime();
    long passed = direction == Direction.UP ? streams.up(bytes) : streams.down(bytes);
    double micros = (System.nanoTime() - begun) / 1e3;
    return new Round(passed / micros, (int) (bytes - passed));
  }

  @Override
  public void close() throws IOException {
    streams.close();
  }
}
