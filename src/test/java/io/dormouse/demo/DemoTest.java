package io.dormouse.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import io.dormouse.support.Certificates;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.RawServer;
import io.dormouse.support.servers.HttpEchoServer;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.support.servers.UdpEchoServer;
import io.dormouse.support.servers.WebSocketEchoServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DemoTest {
  private static final Terminal SCREEN = new Terminal(true, true, 60, Duration.ZERO);

  private static final Terminal NARROW = Terminal.plain(60);

  /** A file, with room for all. */
  private static final Terminal WIDE = Terminal.plain(250);

  @TempDir private Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void everyStepShowsWhatItShould() throws IOException {
    List<String> threadsBefore = OwnThreads.names();

    assertThat(run(WIDE)).as(this::printed).isZero();

    assertThat(printed())
        .contains("every step showed what it should")
        .containsPattern(
            "(?m)^foreground +6 open, 6 answer, .* 6 open, 6 answer, \\d+ sockets .* ok$")
        .containsPattern("(?m)^foreground again .* 2 resumed, .* 6 anew, 2 resumed, .* ok$")
        .containsPattern("(?m)^server dead +5 open, .* 5 open, 5 answer, 1 waiting .* ok$")
        .doesNotContain("FAILED", "skipped", "\u001b");
    if (OsSockets.isAvailable()) {
      assertThat(printed()).contains("counted by the system: 0", "counted by the system: 1");
    }
    assertThat(OwnThreads.names()).isSubsetOf(threadsBefore);
    assertThat(printed()).contains("timeline: " + timeline() + " (open it in a browser)");
    assertThat(Files.readString(timeline()))
        .contains("6 connections and 1 task in ", "\"name\":\"secure-ws\"", "CONNECT_FAILED");
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
              NARROW,
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
      assertReadableAtSixtyColumns();
    }
  }

  /** HTTP and UDP are open before anybody has answered; only the answers tell. */
  @ParameterizedTest
  @CsvSource({
    "http, 6 open; 5 answer",
    "tcp, 5 open; 5 answer",
    "udp, 6 open; 5 answer",
    "ws, 5 open; 5 answer",
    "tls, 5 open; 5 answer",
    "wss, 5 open; 5 answer",
    "http udp, 6 open; 4 answer",
    "tcp udp, 5 open; 4 answer",
    "http tcp udp ws tls wss, 2 open; 0 answer",
  })
  void aDeadEndpointIsSeen(String kinds, String seen) throws IOException {
    // Bound and not listening: it refuses, and nobody else on this machine is given its port.
    try (Socket dead = new Socket()) {
      dead.bind(at("127.0.0.1", 0));
      List<String> args = new ArrayList<>();
      for (String kind : kinds.split(" ", -1)) {
        String flag = kind.equals("tls") ? "tcp" : kind.equals("wss") ? "ws" : kind;
        args.addAll(List.of("--" + flag, target(kind, dead.getLocalPort())));
      }

      int code = run(WIDE, Duration.ofSeconds(1), args.toArray(String[]::new));

      assertThat(code).as(this::printed).isOne();
      assertThat(printed())
          .contains("1 of 8 steps failed")
          .containsPattern("(?m)^foreground .* " + seen.replace(';', ',') + ",? .* FAILED$")
          .containsPattern("(?m)^background .* not reached .*-$");
    }
  }

  private static String target(String kind, int deadPort) {
    return switch (kind) {
      case "http" -> "http://127.0.0.1:" + deadPort + "/";
      case "ws" -> "ws://127.0.0.1:" + deadPort + "/";
      case "wss" -> "wss://127.0.0.1:" + deadPort + "/";
      case "tls" -> "tls://127.0.0.1:" + deadPort;
      case "udp" -> "127.0.0.1:1"; // a bound one would not be dead, but silent
      default -> "127.0.0.1:" + deadPort;
    };
  }

  /** Once for each wait where lines stay, and counted down where they are drawn anew. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsWaitedForIsToldAndHowLongThatStillTakes(boolean live) throws IOException {
    try (Socket dead = new Socket()) {
      dead.bind(at("127.0.0.1", 0));

      run(
          live ? SCREEN : NARROW,
          Duration.ofMillis(1_800),
          "--tcp",
          target("tcp", dead.getLocalPort()));

      String told = printed().replaceAll("\\s+", " ");
      assertThat(told).containsPattern("waiting, 1 s more at most: telemetry is [A-Z]+,");
      if (live) {
        assertThat(told).contains("waiting, 0 s more at most: telemetry is");
      } else {
        assertThat(printed()).containsOnlyOnce("waiting, ");
        assertThat(printed()).containsPattern("(?m)^foreground +5 open, .* FAILED$");
        assertReadableAtSixtyColumns();
      }
    }
  }

  private void assertReadableAtSixtyColumns() {
    // The folder of the test is none of the demo's.
    assertThat(printed().lines().filter(line -> !line.startsWith("timeline: ")))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(60).matches("[ -~]*"));
  }

  @Test
  void whyAnEndpointIsDeadIsTold() throws IOException {
    try (Socket dead = new Socket()) {
      dead.bind(at("127.0.0.1", 0));

      run(
          WIDE,
          Duration.ofSeconds(1),
          "--tcp",
          target("tcp", dead.getLocalPort()),
          "--udp",
          "127.0.0.1:1");

      assertThat(printed())
          .containsPattern("telemetry +no answer: .*telemetry is .*CONNECT_FAILED")
          .containsPattern("discovery +no answer: java.net.PortUnreachableException");
    }
  }

  /** A TCP server has accepted the connection, so it is there; of a UDP server nothing is known. */
  @Test
  void aSilentServerNeedNotAnswerIfItHasShownThatItIsThere() throws IOException {
    try (RawServer silent = new RawServer()) {
      Thread peer = new Thread(() -> readAll(silent), "silent");
      peer.start();
      int code = run(WIDE, "--tcp", "127.0.0.1:" + silent.port());
      peer.interrupt();

      assertThat(code).as(this::printed).isZero();
      assertThat(printed())
          .containsPattern("(?m)^foreground +6 open, 5\\+ answer, .* 6 open, 5 answer, ")
          .contains("sent; no answer within 300 ms");
    }
  }

  /** It is silent, but closes when we do. */
  private static void readAll(RawServer server) {
    try {
      while (true) {
        try (Socket socket = server.next()) {
          socket.getInputStream().readAllBytes();
        }
      }
    } catch (IOException | AssertionError e) {
      // Interrupted: the test is over.
    }
  }

  @Test
  void aUdpEndpointThatDoesNotAnswerHasNotBeenSeen() throws IOException {
    try (DatagramSocket silent = new DatagramSocket(at("127.0.0.1", 0))) {
      String target = "127.0.0.1:" + silent.getLocalPort();

      int code = run(WIDE, Duration.ofSeconds(1), "--udp", target);

      assertThat(code).as(this::printed).isOne();
      assertThat(printed())
          .containsPattern("(?m)^foreground .* 6 open, 5 answer, .* FAILED$")
          .contains("sent; no answer within 1.0 s");
    }
  }

  private static InetSocketAddress at(String address, int port) throws IOException {
    return new InetSocketAddress(InetAddress.getByName(address), port);
  }

  @Test
  void soAreThoseThatTheUserHasACertificateFor() throws Exception {
    SSLContext tls = Certificates.server(Certificates.LOCALHOST).sslContext();
    SSLContext platform = SSLContext.getDefault();
    SSLContext.setDefault(Certificates.client().sslContext());
    try (TcpEchoServer tcp = new TcpEchoServer(tls);
        WebSocketEchoServer webSocket = new WebSocketEchoServer(tls)) {
      tcp.start();
      webSocket.start();

      int code =
          run(
              WIDE,
              "--tcp",
              "tls://localhost:" + tcp.port(),
              "--ws",
              "wss://localhost:" + webSocket.port() + "/");

      assertThat(code).as(this::printed).isZero();
      assertThat(printed())
          .containsPattern("(?m)^foreground again .* 0 to 2 resumed, .* 6 anew, 2 resumed, .* ok$");
    } finally {
      SSLContext.setDefault(platform);
    }
  }

  /** The platform does not know who has signed for this server of a user. */
  @Test
  void whyTlsFailsIsTold() {
    try (TcpEchoServer tls =
        new TcpEchoServer(Certificates.server(Certificates.LOCALHOST).sslContext())) {
      tls.start();

      int code = run(WIDE, Duration.ofSeconds(1), "--tcp", "tls://127.0.0.1:" + tls.port());

      assertThat(code).as(this::printed).isOne();
      assertThat(printed())
          .containsPattern("(?m)^foreground .* 5 open, 5 answer, .* FAILED$")
          .contains(
              "secure-tcp is FAILED, last end TLS_FAILED"
                  + " (the server's certificate is of an unknown authority)");
    }
  }

  @Test
  void wrongArgumentsGetTheUsage() {
    assertThat(run(WIDE, "--tcp", "nowhere")).isEqualTo(2);
    assertThat(printed()).isEmpty();
    assertThat(err.toString(UTF_8)).contains("--tcp takes host and port", Arguments.USAGE);
  }

  @Test
  void soDoesAnEndpointThatTheLibraryRefuses() {
    List<String> threadsBefore = OwnThreads.names();

    assertThat(run(WIDE, "--ws", "ws://user:secret@127.0.0.1/")).isEqualTo(2);

    assertThat(err.toString(UTF_8)).contains("chat: ", Arguments.USAGE).doesNotContain("secret");
    OwnThreads.awaitNoneBesides(threadsBefore);
  }

  @Test
  void helpIsTheUsage() {
    assertThat(run(WIDE, "--help")).isZero();
    assertThat(printed()).isEqualToIgnoringNewLines(Arguments.USAGE);
  }

  private int run(Terminal terminal, String... args) {
    return run(terminal, Await.LIMIT, args);
  }

  private int run(Terminal terminal, Duration limit, String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--timeline", timeline().toString()));
    return new Demo(
            new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), terminal, limit)
        .run(all.toArray(String[]::new));
  }

  private Path timeline() {
    return folder.resolve("timeline.html");
  }

  private String printed() {
    return out.toString(UTF_8);
  }
}
