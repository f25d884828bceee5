package io.dormouse.bench.traffic;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import java.io.IOException;

/** Round trips in a second, over all connections, with one message in flight on each. */
public final class Echo implements Contender {
  private final int connections;
  private final int millis;
  private final Echoes echoes;

  /** Words: the protocol, bytes of a message, how many connections, and milliseconds of a round. */
  public Echo(Setting setting) throws Exception {
    Echoes.Protocol protocol = Echoes.Protocol.valueOf(setting.word(0));
    connections = setting.number(2);
    millis = setting.number(3);
    echoes = Echoes.of(setting, protocol, setting.number(1), connections);
  }

  @Override
  public Round play() throws Exception {
    Rally rally = new Rally(connections, millis);
    echoes.play(rally);
    return rally.result();
  }

  @Override
  public void close() throws IOException {
    echoes.close();
  }
}
