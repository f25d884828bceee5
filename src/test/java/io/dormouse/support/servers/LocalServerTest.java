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
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
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

  /**
   * OkHttp's client, since the JDK's can't tell: it loses an end of the stream that it reads
   * between a message and the listener's next {@code request} ({@code WebSocketImpl.onComplete}
   * acknowledges what was not asked for, which throws where nobody catches).
   */
  @Test
  void webSocketEchoesAndDiesWithoutACloseFrame() {
    OkHttpClient client = new OkHttpClient();
    try (WebSocketEchoServer server = new WebSocketEchoServer()) {
      for (int life = 1; life <= 20; life++) {
        server.start();
        Request request =
            new Request.Builder().url("http://127.0.0.1:" + server.port() + "/").build();
        Listener listener = new Listener();
        WebSocket socket = client.newWebSocket(request, listener);
        assertThat(socket.send("hello")).isTrue();
        assertThat(Await.get(listener.text)).isEqualTo("hello");

        server.stop();

        assertThat(Await.get(listener.end)).isEqualTo("no close frame");
        assertThat(server.accepted()).isEqualTo(life);
      }
    } finally {
      client.dispatcher().executorService().shutdown();
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

  private static final class Listener extends WebSocketListener {
    final CompletableFuture<String> text = new CompletableFuture<>();
    final CompletableFuture<String> end = new CompletableFuture<>();

    @Override
    public void onMessage(WebSocket socket, String message) {
      text.complete(message);
    }

    @Override
    public void onClosing(WebSocket socket, int code, String reason) {
      end.complete("close frame " + code);
    }

    @Override
    public void onFailure(WebSocket socket, Throwable failure, Response response) {
      end.complete("no close frame");
    }
  }
}
