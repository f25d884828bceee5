package io.dormouse.bench.crowd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import io.dormouse.bench.load.LoadServer;
import io.dormouse.support.OsSockets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The contenders do their work: a benchmark that nobody runs each day rots. */
class CrowdTest {
  @ParameterizedTest
  @CsvSource({
    "dormouse, WEB_SOCKET",
    "dormouse, TCP",
    "dormouse, BOTH",
    "bare, WEB_SOCKET",
    "bare, TCP",
    "bare, BOTH",
    "netty, TCP",
    "java-websocket, BOTH",
    "okhttp, WEB_SOCKET",
    "dormouse, SECURE_WEB_SOCKET",
    "bare, SECURE_WEB_SOCKET",
    "java-websocket, SECURE_WEB_SOCKET",
    "okhttp, SECURE_WEB_SOCKET"
  })
  void allComeAndGo(String library, String kind) throws Exception {
    try (LoadServer server = LoadServer.start();
        Ready ready = new Ready(setting(server, library, kind, "4"))) {
      for (int i = 0; i < 2; i++) {
        Round round = ready.play();
        assertThat(round.missing()).isZero();
        assertThat(round.value()).isPositive();
      }
    }
  }

  /**
   * Scarlet does not hear of a connection that opens before it listens, so one may be missing; what
   * came is counted all the same.
   */
  @Test
  void scarletsComeButForThoseThatItLoses() throws Exception {
    try (LoadServer server = LoadServer.start();
        Ready ready = new Ready(setting(server, "scarlet", "WEB_SOCKET", "8"))) {
      assertThat(ready.play().missing()).isLessThan(8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dormouse", "dormouse-few", "bare", "bare-few"})
  void manyAndFewComeAndGo(String library) throws Exception {
    try (LoadServer server = LoadServer.start();
        Scale scale = new Scale(setting(server, library, "8", "2"))) {
      assertThat(scale.play().missing()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"dormouse, TLSv1.2", "dormouse, TLSv1.3", "okhttp, TLSv1.2", "okhttp, TLSv1.3"})
  void whoComesBackGoesOnWithEarlierSessions(String library, String version) throws Exception {
    try (LoadServer server = LoadServer.start();
        Back back = new Back(setting(server, library, "FULL", version, "3"))) {
      assertThat(back.play()).isEqualTo(new Round(0, 0));
    }
  }

  @Test
  void whatTheFirstAddressSwallowsGoesToTheSecond() throws Exception {
    assumeThat(OsSockets.isAvailable()).as("only Linux has more than one loopback").isTrue();
    try (LoadServer server = LoadServer.start();
        Swallowed swallowed = new Swallowed(setting(server, "dormouse"))) {
      Round round = swallowed.play();
      assertThat(round.missing()).isZero();
      assertThat(round.value()).isGreaterThanOrEqualTo(200);
    }
  }

  @Test
  void threadsAreCounted() throws Exception {
    try (LoadServer server = LoadServer.start();
        Cost cost = new Cost(setting(server, "java-websocket", "THREADS", "WEB_SOCKET", "4"))) {
      assertThat(cost.play().value()).isGreaterThanOrEqualTo(4);
    }
  }

  @Test
  void memoryIsCounted() throws Exception {
    try (LoadServer server = LoadServer.start();
        Cost cost = new Cost(setting(server, "dormouse", "HEAP", "TCP", "50"))) {
      assertThat(cost.play().missing()).isZero();
    }
  }

  private static Setting setting(LoadServer server, String library, String... words) {
    return new Setting(server.ports(), library, List.of(words));
  }
}
