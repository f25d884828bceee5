package io.dormouse.bench.crowd;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import java.io.IOException;

/**
 * Suspend and resume, in microseconds for each connection: of many, or of {@link #FEW} of the same
 * library, which cycle more often, so that both move as many connections.
 */
public final class Scale implements Contender {
  /** What the library of the few ends with. */
  static final String FEW = "-few";

  private final Crowd crowd;
  private final Settled sockets;
  private final int connections;
  private final int cycles;

  /** Words: how many are many, and how many are few. */
  public Scale(Setting setting) {
    sockets = new Settled(setting.ports());
    boolean few = setting.library().endsWith(FEW);
    String library = setting.library().replace(FEW, "");
    connections = setting.number(few ? 1 : 0);
    cycles = setting.number(0) / connections;
    Setting same = new Setting(setting.ports(), library, setting.words());
    crowd = Crowd.of(same, Crowd.Kind.BOTH, connections);
  }

  @Override
  public Round play() throws Exception {
    int missing = 0;
    long begun = System.nanoTime();
    for (int i = 0; i < cycles; i++) {
      missing += crowd.open() + crowd.leave();
    }
    double micros = (System.nanoTime() - begun) / 1e3;
    sockets.checkNoSockets();
    return new Round(micros / ((double) cycles * connections), missing);
  }

  @Override
  public void close() throws IOException {
    crowd.close();
  }
}
