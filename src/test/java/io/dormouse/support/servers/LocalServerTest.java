package io.dormouse.support.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.support.Await;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The servers, met by clients that are not the library's. */
class LocalServerTest {
  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);

  static Stream<LocalServer> tcpServers() {
    return Stream.of(new TcpEchoServer(), new HttpEchoServer(), new WebSocketEchoServer());
  }

  @Test
  void tcpEchoes() throws IOException {
    try (TcpEchoServer server = new TcpEchoServer()) {
      server.start();
      for (int life = 1; life <= 3; life++) {
        try (Socket socket = connect(server)) {
          socket.getOutputStream().write(HELLO);
          assertThat(socket.getInputStream().readNBytes(HELLO.length)).isEqualTo(HELLO);
        }
        assertThat(server.accepted()).isEqualTo(life);
        assertThat(server.bytesReceived()).isEqualTo((long) life * HELLO.length);
        server.stop();
        server.start();
      }
    }
  }

  @Test
  void udpEchoes() throws IOException {
    try (UdpEchoServer server = new UdpEchoServer();
        DatagramSocket socket = new DatagramSocket()) {
      server.start();
      server.stop();
      server.start();
      socket.setSoTimeout((int) Await.LIMIT.toMillis());
      socket.send(new DatagramPacket(HELLO, HELLO.length, server.address()));
      DatagramPacket answer = new DatagramPacket(new byte[100], 100);
      socket.receive(answer);
      assertThat(answer.getLength()).isEqualTo(HELLO.length);
      assertThat(server.bytesReceived()).isEqualTo(HELLO.length);
    }
  }

  @Test
  void httpEchoes() throws Exception {
    try (HttpEchoServer server = new HttpEchoServer()) {
      server.start();
      server.stop();
      server.start();
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/any"))
              .POST(HttpRequest.BodyPublishers.ofString("hello"))
              .build();
      HttpResponse<String> response =
          HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("hello");
    }
  }

  @Test
  void webSocketEchoesAndDiesWithoutACloseFrame() {
    try (WebSocketEchoServer server = new WebSocketEchoServer()) {
      server.start();
      server.stop();
      server.start();
      Listener listener = new Listener();
      WebSocket socket =
          HttpClient.newHttpClient()
              .newWebSocketBuilder()
              .buildAsync(URI.create("ws://127.0.0.1:" + server.port() + "/"), listener)
              .join();
      socket.sendText("hello", true).join();
      assertThat(Await.get(listener.text)).isEqualTo("hello");

      server.stop();

      // The JDK's client tells a missing close frame as an error, or as 1006.
      assertThat(Await.get(listener.end)).isIn("error", "1006");
    }
  }

  @ParameterizedTest
  @MethodSource("tcpServers")
  void aStoppedServerEndsItsConnectionsAndRefusesNewOnes(LocalServer server) throws IOException {
    try (server) {
      server.start();
      Socket socket = connect(server);
      int port = server.port();
      // Served, so that it is accepted and not in the listener's queue.
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      assertThat(socket.getInputStream().read()).isNotNegative();

      server.stop();
      server.stop();

      assertEnded(socket);
      assertThatThrownBy(() -> connect(server)).isInstanceOf(ConnectException.class);
      server.start();
      server.start();
      assertThat(server.port()).isEqualTo(port);
      connect(server).close();
    }
  }

  private static Socket connect(LocalServer server) throws IOException {
    Socket socket = new Socket();
    socket.connect(server.address());
    socket.setSoTimeout((int) Await.LIMIT.toMillis());
    return socket;
  }

  /** The end of the stream, or a reset: a dead process leaves either. */
  private static void assertEnded(Socket socket) throws IOException {
    try (socket) {
      socket.getInputStream().readAllBytes();
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the connection lives on", e);
    } catch (IOException e) {
      // Reset.
    }
  }

  private static final class Listener implements WebSocket.Listener {
    final CompletableFuture<String> text = new CompletableFuture<>();
    final CompletableFuture<String> end = new CompletableFuture<>();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.complete(data.toString());
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      end.complete(Integer.toString(code));
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      end.complete("error");
    }
  }
}
