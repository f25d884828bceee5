package io.dormouse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport;
import io.dormouse.support.Await;
import io.dormouse.support.Certificates;
import io.dormouse.support.Logged;
import io.dormouse.support.NettyTlsServer;
import io.dormouse.support.OsSockets;
import io.dormouse.support.Registries;
import io.dormouse.support.StateLog;
import io.dormouse.support.TestProxy;
import io.dormouse.support.Texts;
import io.dormouse.support.TlsServer;
import io.dormouse.support.servers.LocalServer;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.support.servers.WebSocketEchoServer;
import io.dormouse.tcp.TcpBuilder;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.websocket.WebSocketConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections of each kind through proxies, on sockets of the system. */
class ProxiesTest {
  private static final String USER = "mole";
  private static final String SECRET = "s3cr3t-word";

  /** Chooses one. */
  private static ProxySelector always(TestProxy proxy) {
    return new ProxySelector() {
      @Override
      public List<Proxy> select(URI uri) {
        return List.of(proxy.proxy());
      }

      @Override
      public void connectFailed(URI uri, SocketAddress at, IOException why) {}
    };
  }

  private static Registries through(TestProxy proxy, String password) {
    return new Registries(
        builder ->
            builder
                .proxySelector(always(proxy))
                .proxyAuthenticator(
                    asked -> new PasswordAuthentication(USER, password.toCharArray())));
  }

  /** The kinds of proxies, without authentication and with it. */
  private enum Kinds {
    CONNECT(Proxy.Type.HTTP, false),
    CONNECT_WITH_A_PASSWORD(Proxy.Type.HTTP, true),
    SOCKS(Proxy.Type.SOCKS, false),
    SOCKS_WITH_A_PASSWORD(Proxy.Type.SOCKS, true);

    private final Proxy.Type type;
    private final boolean authenticates;

    Kinds(Proxy.Type type, boolean authenticates) {
      this.type = type;
      this.authenticates = authenticates;
    }

    TestProxy start() {
      return authenticates ? new TestProxy(type, USER, SECRET) : new TestProxy(type);
    }
  }

  @ParameterizedTest
  @EnumSource
  void tcpSleepsAndWakesThroughItAndAllBytesCome(Kinds kind) {
    AtomicLong received = new AtomicLong();
    try (TcpEchoServer server = new TcpEchoServer();
        TestProxy proxy = kind.start();
        Registries app = through(proxy, SECRET)) {
      server.start();
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo("nowhere.invalid", server.port()) // which only the proxy knows
              .onData((connection, bytes) -> received.addAndGet(bytes.remaining()))
              .register();
      for (int i = 1; i <= 5; i++) {
        app.foreground();
        Await.get(tcp.whenOpen());
        Await.get(tcp.send(ByteBuffer.allocate(1 << 20)));
        long all = i * (1L << 20);
        Await.until("all came back", () -> received.get() == all);
        SuspendReport report = app.suspend();
        assertThat(report.withinBudget()).isTrue();
        Await.until("the proxy's client is gone", () -> proxy.clients() == 0);
        int port = ((InetSocketAddress) proxy.proxy().address()).getPort();
        if (OsSockets.isAvailable()) {
          assertThat(OsSockets.count(each -> each.remotePort() == port && each.state() == 1))
              .isZero();
        }
      }
      assertThat(proxy.asked).hasSize(5).containsOnly("nowhere.invalid:" + server.port());
    }
  }

  @ParameterizedTest
  @EnumSource
  void tlsIsWithTheHostAndNotWithTheProxy(Kinds kind) {
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    try (TlsServer server = new TlsServer(TlsServer::echo);
        TestProxy proxy = kind.start();
        Registries app = through(proxy, SECRET)) {
      TcpConnection tcp =
          app.registry()
              .tcp("telemetry")
              .connectTo("localhost", server.port())
              .tls(tls -> tls.sslContext(Certificates.client().sslContext()))
              .onData((connection, bytes) -> received.add(Texts.text(bytes)))
              .register();
      app.foreground();
      Await.get(tcp.whenOpen());
      Await.get(tcp.send("hello"));
      assertThat(Texts.next(received)).isEqualTo("hello");
      assertThat(tcp.tlsSession()).isPresent();
      assertThat(proxy.asked).containsExactly("localhost:" + server.port());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWebSocketGoesThroughIt(Kinds kind) {
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    try (WebSocketEchoServer server = new WebSocketEchoServer();
        TestProxy proxy = kind.start();
        Registries app = through(proxy, SECRET)) {
      server.start();
      WebSocketConnection chat =
          app.registry()
              .webSocket("chat")
              .connectTo("ws://nowhere.invalid:" + server.port() + "/")
              .onText((connection, text) -> received.add(text))
              .register();
      app.foreground();
      Await.get(chat.whenOpen());
      Await.get(chat.sendText("hello"));
      assertThat(Texts.next(received)).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @EnumSource
  void soDoesOneOverTls(Kinds kind) {
    CompletableFuture<ByteBuffer> received = new CompletableFuture<>();
    try (NettyTlsServer server = new NettyTlsServer("TLSv1.3", true);
        TestProxy proxy = kind.start();
        Registries app = through(proxy, SECRET)) {
      WebSocketConnection chat =
          app.registry()
              .webSocket("chat")
              .connectTo("wss://localhost:" + server.port() + "/")
              .tls(tls -> tls.sslContext(Certificates.client().sslContext()))
              .onBinary((connection, data) -> received.complete(data))
              .register();
      app.foreground();
      Await.get(chat.whenOpen());
      Await.get(chat.sendBinary(Texts.bytes("hello")));
      assertThat(Texts.text(Await.get(received))).isEqualTo("hello");
      assertThat(proxy.asked).containsExactly("localhost:" + server.port());
    }
  }

  @Test
  void aConnectionMayChooseOtherwiseThanItsRegistry() {
    try (TcpEchoServer server = new TcpEchoServer();
        TestProxy registrys = new TestProxy(Proxy.Type.HTTP);
        TestProxy own = new TestProxy(Proxy.Type.SOCKS);
        Registries app = through(registrys, SECRET)) {
      server.start();
      for (boolean overrides : new boolean[] {true, false}) {
        TcpBuilder builder =
            app.registry().tcp("telemetry-" + overrides).connectTo("localhost", server.port());
        TcpConnection tcp = (overrides ? builder.proxySelector(always(own)) : builder).register();
        app.foreground();
        Await.get(tcp.whenOpen());
      }
      assertThat(own.asked).hasSize(1);
      assertThat(registrys.asked).hasSize(1);
    }
  }

  /** Neither the one that is right nor the one that is wrong, in any form that is sent. */
  @Test
  void theUserAndThePasswordAppearNowhere() {
    for (Proxy.Type type : List.of(Proxy.Type.HTTP, Proxy.Type.SOCKS)) {
      StringBuilder said = new StringBuilder();
      try (Logged logged = new Logged()) {
        for (String password : List.of(SECRET, SECRET + "-wrong")) {
          said.append(liveALife(type, password, false));
          said.append(liveALife(type, password, true));
        }
        said.append(logged.text());
      }
      String basic =
          Base64.getEncoder()
              .withoutPadding()
              .encodeToString((USER + ":" + SECRET).getBytes(UTF_8));
      assertThat(said.toString())
          .contains("telemetry: ", "chat: ", "does not accept the user and the password")
          .doesNotContain(SECRET)
          .doesNotContain(basic.substring(0, basic.length() - 2))
          .doesNotContain(USER);
    }
  }

  private static String liveALife(Proxy.Type type, String password, boolean isWebSocket) {
    StateLog log = new StateLog();
    StringBuilder said = new StringBuilder();
    try (LocalServer server = isWebSocket ? new WebSocketEchoServer() : new TcpEchoServer();
        TestProxy proxy = new TestProxy(type, USER, SECRET);
        Registries app = through(proxy, password)) {
      server.start();
      int port = server.port();
      Connection connection =
          isWebSocket
              ? app.registry()
                  .webSocket("chat")
                  .connectTo("ws://localhost:" + port + "/")
                  .onStateChange(log)
                  .register()
              : app.registry()
                  .tcp("telemetry")
                  .connectTo("localhost", port)
                  .onStateChange(log)
                  .register();
      app.foreground();
      ConnectionState expected =
          password.equals(SECRET) ? ConnectionState.OPEN : ConnectionState.FAILED;
      Await.until("it is " + expected, () -> connection.state() == expected);
      said.append(connection).append(connection.snapshot()).append(app.registry().snapshot());
      connection.snapshot().lastReason().ifPresent(reason -> said.append(everything(reason)));
      said.append(app.suspend());
    }
    return said.toString();
  }

  private static String everything(CloseReason reason) {
    assertThat(reason.kind()).isEqualTo(Kind.PROXY_UNAUTHORIZED);
    StringBuilder all = new StringBuilder(reason.toString());
    reason.peerText().ifPresent(all::append);
    for (Throwable e = reason.cause().orElse(null); e != null; e = e.getCause()) {
      all.append(e);
    }
    return all.toString();
  }
}
