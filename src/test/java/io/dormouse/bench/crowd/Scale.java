package io.dormouse.bench.crowd;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Contest;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import java.io.IOException;

/**
 * Suspend and resume, in microseconds for each connection. The few are Dormouse too: its library
 * word is {@code few}, and they cycle more often, so that both move as many connections.
 */
public final class Scale implements Contender {
  private final Crowd crowd;
  private final Settled sockets;
  private final int connections;
  private final int cycles;

  /** Words: how many are many, and how many are few. */
  public Scale(Setting setting) {
    sockets = new Settled(setting.ports());
    boolean many = setting.library().equals(Contest.OURS);
    connections = setting.number(many ? 0 : 1);
    cycles = setting.number(0) / connections;
    Setting ours = new Setting(setting.ports(), Contest.OURS, setting.words());
    crowd = Crowd.of(ours, Crowd.Kind.BOTH, connections);
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
