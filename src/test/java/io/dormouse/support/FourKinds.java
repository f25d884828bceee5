package io.dormouse.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.Connection;
import io.dormouse.http.HttpConnection;
import io.dormouse.support.servers.HttpEchoServer;
import io.dormouse.support.servers.LocalServer;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.support.servers.UdpEchoServer;
import io.dormouse.support.servers.WebSocketEchoServer;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.udp.UdpConnection;
import io.dormouse.websocket.WebSocketConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import okhttp3.Request;
import okhttp3.Response;

/** One connection of each kind, and the real server that it talks to. */
public final class FourKinds implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";

  private final HttpEchoServer httpServer = new HttpEchoServer();
  private final TcpEchoServer tcpServer = new TcpEchoServer();
  private final UdpEchoServer udpServer = new UdpEchoServer();
  private final WebSocketEchoServer webSocketServer = new WebSocketEchoServer();
  private final BlockingQueue<String> tcpEchoes = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> udpEchoes = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> webSocketEchoes = new LinkedBlockingQueue<>();

  private final HttpConnection http;
  private final TcpConnection tcp;
  private final UdpConnection udp;
  private final WebSocketConnection webSocket;

  /** Starts the servers and registers the connections, named http, tcp, udp and websocket. */
  public FourKinds(ConnectionRegistry registry) {
    servers().forEach(LocalServer::start);
    http = registry.http("http").register();
    tcp =
        registry
            .tcp("tcp")
            .connectTo(LOOPBACK, tcpServer.port())
            .onData((connection, bytes) -> tcpEchoes.add(Texts.text(bytes)))
            .register();
    udp =
        registry
            .udp("udp")
            .connectTo(LOOPBACK, udpServer.port())
            .onDatagram((connection, datagram) -> udpEchoes.add(Texts.text(datagram.data())))
            .register();
    webSocket =
        registry
            .webSocket("websocket")
            .connectTo("ws://" + LOOPBACK + ":" + webSocketServer.port() + "/")
            .onText((connection, text) -> webSocketEchoes.add(text))
            .register();
  }

  private List<LocalServer> servers() {
    return List.of(httpServer, tcpServer, udpServer, webSocketServer);
  }

  /** Returns the four connections. */
  public List<Connection> all() {
    return List.of(http, tcp, udp, webSocket);
  }

  /** Returns the port of the TCP server. */
  public int tcpPort() {
    return tcpServer.port();
  }

  /** Waits until all are open. */
  public void awaitOpen() {
    all().forEach(connection -> Await.get(connection.whenOpen()));
  }

  /** Sends something over each connection, and checks that it comes back. */
  public void roundTrips(String word) {
    Request request =
        new Request.Builder().url("http://" + LOOPBACK + ":" + httpServer.port() + "/").build();
    try (Response response = http.client().newCall(request).execute()) {
      assertThat(response.code()).isEqualTo(200);
      assertThat(Objects.requireNonNull(response.body()).bytes()).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Await.get(tcp.send(Texts.bytes(word)));
    Await.get(udp.send(Texts.bytes(word)));
    Await.get(webSocket.sendText(word));
    assertThat(Texts.next(tcpEchoes)).isEqualTo(word);
    assertThat(Texts.next(udpEchoes)).isEqualTo(word);
    assertThat(Texts.next(webSocketEchoes)).isEqualTo(word);
  }

  /** Counts this process's sockets to the four servers, as the system does. */
  public long sockets() {
    return OsSockets.count(
        socket -> servers().stream().anyMatch(server -> server.port() == socket.remotePort()));
  }

  @Override
  public void close() {
    servers().forEach(LocalServer::close);
  }
}
