package io.dormouse.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.servers.UdpEchoServer;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An app in front with a registry, and an echo server on the loopback address. */
abstract class UdpTestBase {
  /** Tries again only when it is told to. */
  static final RetryPolicy WHEN_TOLD = ended -> RetryPolicy.Decision.retryAfter(Duration.ofDays(1));

  final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  final ConnectionRegistry registry = newRegistry();
  final UdpEchoServer server = new UdpEchoServer();

  ConnectionRegistry newRegistry() {
    return ConnectionRegistry.builder(lifecycle).build();
  }

  @BeforeEach
  void start() {
    server.start();
    lifecycle.onForeground();
  }

  @AfterEach
  void end() {
    registry.close();
    server.close();
    Await.until("no thread is left", () -> OwnThreads.names().isEmpty());
  }

  void suspend() {
    lifecycle.onBackground();
    assertThat(registry.awaitSettled(Await.LIMIT)).isTrue();
  }

  static UdpConnection opened(UdpConnection connection) {
    Await.get(connection.whenOpen());
    return connection;
  }

  static int localPort(UdpConnection connection) {
    return connection.localAddress().map(InetSocketAddress::getPort).orElseThrow();
  }

  static long socketsAt(int port) {
    return OsSockets.count(
        socket -> socket.protocol().startsWith("udp") && socket.localPort() == port);
  }

  /** Returns a socket address by an IP address as text. */
  static InetSocketAddress at(String literal, int port) {
    try {
      return new InetSocketAddress(InetAddress.getAllByName(literal)[0], port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Returns a port that was free a moment ago, below those that systems give to who asks for any.
   */
  static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
      try (DatagramSocket socket = new DatagramSocket(port)) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // Another one, then.
      } catch (SocketException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
