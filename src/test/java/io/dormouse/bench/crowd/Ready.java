package io.dormouse.bench.crowd;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import java.io.IOException;

/** From nothing to the last connection open, in milliseconds. */
public final class Ready implements Contender {
  private final Crowd crowd;
  private final Settled sockets;

  /** Words: the kind, and how many. */
  public Ready(Setting setting) {
    sockets = new Settled(setting.ports());
    crowd = Crowd.of(setting, Crowd.Kind.valueOf(setting.word(0)), setting.number(1));
  }

  @Override
  public Round play() throws Exception {
    long begun = System.nanoTime();
    int missing = crowd.open();
    long took = System.nanoTime() - begun;
    crowd.leave();
    sockets.awaitNoSockets();
    return new Round(took / 1e6, missing);
  }

  @Override
  public void close() throws IOException {
    crowd.close();
  }
}
