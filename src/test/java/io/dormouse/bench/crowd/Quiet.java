package io.dormouse.bench.crowd;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import java.io.IOException;

/** From all connections open to no socket left, in milliseconds. */
public final class Quiet implements Contender {
  private final Crowd crowd;
  private final Settled sockets;

  /** Words: the kind, and how many. */
  public Quiet(Setting setting) {
    sockets = new Settled(setting.ports());
    crowd = Crowd.of(setting, Crowd.Kind.valueOf(setting.word(0)), setting.number(1));
  }

  @Override
  public Round play() throws Exception {
    int missing = crowd.open();
    long begun = System.nanoTime();
    missing += crowd.leave();
    long took = System.nanoTime() - begun;
    sockets.checkNoSockets();
    return new Round(took / 1e6, missing);
  }

  @Override
  public void close() throws IOException {
    crowd.close();
  }
}
