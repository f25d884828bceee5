package io.dormouse.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What comes and goes on its stream, byte by byte. */
class HttpPeerTest {
  private final SimulatedWorld world = new SimulatedWorld();
  private final Host server = world.host("203.0.113.1");
  private final List<String> requested = new ArrayList<>();
  private Socket socket;

  /** Answers after a second, with the status that is asked for. */
  private final class Server extends HttpPeer {
    @Override
    protected void requested(PeerSocket peer, Request request) {
      requested.add(request.method() + " " + request.body());
      int status = Integer.parseInt(request.target().substring(1));
      peer.after(Duration.ofSeconds(1), () -> answer(peer, status, "body"));
    }
  }

  @BeforeEach
  void connect() throws IOException {
    server.serve(80, Server::new);
    socket = world.httpClient(new OkHttpClient()).socketFactory().createSocket();
    socket.connect(new InetSocketAddress(server.address(), 80));
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
    world.close();
  }

  private void send(String words) throws IOException {
    socket.getOutputStream().write(words.getBytes(US_ASCII));
    world.advance(Duration.ofMillis(500));
  }

  private String received() throws IOException {
    world.advance(Duration.ofSeconds(10));
    byte[] bytes = new byte[10_000];
    return new String(bytes, 0, socket.getInputStream().read(bytes), US_ASCII);
  }

  @Test
  void aRequestMayComeInPieces() throws IOException {
    send("PUT /200 HTTP/1.1\r\nContent-Le");
    send("ngth: 4\r\n\r");
    send("\nab");
    assertThat(requested).isEmpty();
    send("cd");
    assertThat(requested).containsExactly("PUT abcd");
    assertThat(received()).isEqualTo("HTTP/1.1 200 -\r\nContent-Length: 4\r\n\r\nbody");
  }

  @Test
  void aRequestThatComesEarlyWaitsForTheAnswerBefore() throws IOException {
    send("GET /200 HTTP/1.1\r\n\r\nPUT /200 HTTP/1.1\r\n\r\n");
    send("POST /200 HTTP/1.1\r\n\r\n");
    assertThat(requested).hasSize(1);
    world.advance(Duration.ofSeconds(10));
    assertThat(requested).containsExactly("GET ", "PUT ", "POST ");
  }

  @Test
  void someAnswersHaveNoBody() throws IOException {
    send("HEAD /200 HTTP/1.1\r\n\r\n");
    assertThat(received()).isEqualTo("HTTP/1.1 200 -\r\n\r\n");
    send("GET /204 HTTP/1.1\r\n\r\n");
    assertThat(received()).isEqualTo("HTTP/1.1 204 -\r\n\r\n");
    send("GET /304 HTTP/1.1\r\n\r\n");
    assertThat(received()).isEqualTo("HTTP/1.1 304 -\r\n\r\n");
  }

  @Test
  void aBodyWithoutALengthFailsTheTest() {
    assertThatThrownBy(() -> send("PUT /200 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"))
        .isInstanceOf(AssertionError.class)
        .hasRootCauseMessage("a request whose body has no Content-Length");
  }
}
