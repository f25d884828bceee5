package io.dormouse.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import io.dormouse.bench.load.LoadServer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The contenders do their work: a benchmark that nobody runs each day rots. */
class TrafficTest {
  @ParameterizedTest
  @CsvSource({
    "dormouse, TCP, 1",
    "dormouse, TCP, 3",
    "dormouse, BORROWED_TCP, 3",
    "bare, BORROWED_TCP, 3",
    "netty, BORROWED_TCP, 3",
    "dormouse, WEB_SOCKET, 3",
    "bare, TCP, 1",
    "bare, TCP, 3",
    "bare, WEB_SOCKET, 3",
    "two-threads, TCP, 3",
    "copying, TCP, 3",
    "two-threads, WEB_SOCKET, 1",
    "netty, TCP, 3",
    "java-websocket, WEB_SOCKET, 3",
    "okhttp, WEB_SOCKET, 3",
    "dormouse, SECURE_WEB_SOCKET, 3",
    "bare, SECURE_WEB_SOCKET, 3",
    "java-websocket, SECURE_WEB_SOCKET, 3",
    "okhttp, SECURE_WEB_SOCKET, 3"
  })
  void messagesGoToAndFro(String library, String protocol, String connections) throws Exception {
    try (LoadServer server = LoadServer.start();
        Echo echo = new Echo(setting(server, library, protocol, "16384", connections, "20"))) {
      playTwice(echo);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dormouse", "okhttp"})
  void textsGoToAndFroCompressed(String library) throws Exception {
    String size = String.valueOf(JsonTexts.SIZE);
    try (LoadServer server = LoadServer.start();
        Echo echo = new Echo(setting(server, library, "COMPRESSED_WEB_SOCKET", size, "3", "20"))) {
      playTwice(echo);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "dormouse, TCP, UP",
    "dormouse, TCP, DOWN",
    "dormouse, BORROWED_TCP, DOWN",
    "bare, BORROWED_TCP, DOWN",
    "bare, TCP, UP",
    "bare, TCP, DOWN",
    "two-threads, TCP, UP",
    "copying, TCP, DOWN",
    "netty, TCP, UP",
    "netty, TCP, DOWN",
    "dormouse, TLS, UP",
    "dormouse, TLS, DOWN",
    "netty, TLS, UP",
    "netty, TLS, DOWN"
  })
  void bytesStream(String library, String over, String direction) throws Exception {
    try (LoadServer server = LoadServer.start();
        Throughput throughput = new Throughput(setting(server, library, over, direction, "5"))) {
      playTwice(throughput);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "dormouse, SEND",
    "dormouse, RECEIVE",
    "bare, SEND",
    "two-threads, SEND",
    "bare, RECEIVE"
  })
  void datagramsAreSentAndCome(String library, String direction) throws Exception {
    try (LoadServer server = LoadServer.start();
        DatagramRate rate = new DatagramRate(setting(server, library, direction, "64", "2000"))) {
      playTwice(rate);
    }
  }

  private static void playTwice(Contender contender) throws Exception {
    for (int i = 0; i < 2; i++) {
      Round round = contender.play();
      assertThat(round.missing()).isZero();
      assertThat(round.value()).isPositive();
    }
  }

  private static Setting setting(LoadServer server, String library, String... words) {
    return new Setting(server.ports(), library, List.of(words));
  }
}
