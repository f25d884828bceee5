package io.dormouse.bench.crowd;

import io.dormouse.bench.Contender;
import io.dormouse.bench.ContenderMain;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import java.io.IOException;

/**
 * From the beginning of a new process's main to the last connection open, in milliseconds: what an
 * app's first foreground is like.
 */
public final class Cold implements Contender {
  private final Crowd crowd;

  /** Words: how many. */
  public Cold(Setting setting) {
    crowd = Crowd.of(setting, Crowd.Kind.WEB_SOCKET, setting.number(0));
  }

  @Override
  public Round play() throws Exception {
    int missing = crowd.open();
    return new Round((System.nanoTime() - ContenderMain.startedNanos()) / 1e6, missing);
  }

  @Override
  public void close() throws IOException {
    crowd.close();
  }
}
