package io.dormouse.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.servers.HttpEchoServer;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.support.servers.UdpEchoServer;
import io.dormouse.support.servers.WebSocketEchoServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemoTest {
  private static final Terminal SCREEN = new Terminal(true, true, 60);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void everyStepShowsWhatItShould() {
    List<String> threadsBefore = OwnThreads.names();

    assertThat(run(Terminal.NONE)).as(this::printed).isZero();

    assertThat(printed())
        .contains("every step showed what it should")
        .containsPattern("(?m)^server dead .* ok$")
        .doesNotContain("FAILED", "skipped", "\u001b");
    if (OsSockets.isAvailable()) {
      assertThat(printed()).contains("counted by the system: 0", "counted by the system: 1");
    }
    assertThat(OwnThreads.names()).isSubsetOf(threadsBefore);
  }

  @Test
  void aTerminalGetsItsCursorBack() {
    assertThat(run(SCREEN)).as(this::printed).isZero();

    String afterTheBoard = printed().substring(printed().lastIndexOf("\u001b[?25l"));
    assertThat(afterTheBoard).contains("\u001b[J\u001b[?25h\u001b[?7h");
  }

  @Test
  void theUsersOwnServersAreEnough() {
    try (HttpEchoServer http = new HttpEchoServer();
        TcpEchoServer tcp = new TcpEchoServer();
        UdpEchoServer udp = new UdpEchoServer();
        WebSocketEchoServer webSocket = new WebSocketEchoServer()) {
      http.start();
      tcp.start();
      udp.start();
      webSocket.start();

      int code =
          run(
              Terminal.NONE,
              "--http",
              "http://127.0.0.1:" + http.port() + "/",
              "--tcp",
              "127.0.0.1:" + tcp.port(),
              "--udp",
              "127.0.0.1:" + udp.port(),
              "--ws",
              "ws://127.0.0.1:" + webSocket.port() + "/");

      assertThat(code).as(this::printed).isZero();
      assertThat(printed())
          .contains(
              "status 200 in",
              "sent, and answered in",
              "every step played showed what it should, 2 skipped")
          .containsPattern("(?m)^server dead .* skipped$");
    }
  }

  @Test
  void aDeadEndpointIsSeen() throws IOException {
    // Bound and not listening: it refuses, and nobody else on this machine is given its port.
    try (Socket dead = new Socket()) {
      dead.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      String target = "127.0.0.1:" + dead.getLocalPort();

      int code = run(Terminal.NONE, Duration.ofSeconds(1), "--tcp", target);

      assertThat(code).as(this::printed).isOne();
      assertThat(printed())
          .contains("telemetry is ", "CONNECT_FAILED", "1 of 8 steps failed")
          .containsPattern("(?m)^background .* not reached .*-$");
    }
  }

  @Test
  void wrongArgumentsGetTheUsage() {
    assertThat(run(Terminal.NONE, "--tcp", "nowhere")).isEqualTo(2);
    assertThat(printed()).isEmpty();
    assertThat(err.toString(UTF_8)).contains("--tcp takes host and port", Arguments.USAGE);
  }

  @Test
  void soDoesAnEndpointThatTheLibraryRefuses() {
    List<String> threadsBefore = OwnThreads.names();

    assertThat(run(Terminal.NONE, "--ws", "ws://user:secret@127.0.0.1/")).isEqualTo(2);

    assertThat(err.toString(UTF_8)).contains("chat: ", Arguments.USAGE).doesNotContain("secret");
    OwnThreads.awaitNoneBesides(threadsBefore);
  }

  @Test
  void helpIsTheUsage() {
    assertThat(run(Terminal.NONE, "--help")).isZero();
    assertThat(printed()).isEqualToIgnoringNewLines(Arguments.USAGE);
  }

  private int run(Terminal terminal, String... args) {
    return run(terminal, Await.LIMIT, args);
  }

  private int run(Terminal terminal, Duration limit, String... args) {
    return new Demo(
            new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), terminal, limit)
        .run(args);
  }

  private String printed() {
    return out.toString(UTF_8);
  }
}
