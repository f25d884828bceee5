package io.dormouse.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.servers.UdpEchoServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
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

  /** Returns a port that was free a moment ago. */
  static int freePort() {
    try (DatagramSocket socket = new DatagramSocket()) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
