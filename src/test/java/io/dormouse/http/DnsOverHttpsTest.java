package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport;
import io.dormouse.support.Await;
import io.dormouse.support.Registries;
import io.dormouse.support.servers.HttpEchoServer;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.support.servers.WebSocketEchoServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.dnsoverhttps.DnsOverHttps;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OkHttp's DNS over HTTPS as the resolver of connections of all kinds. */
class DnsOverHttpsTest {
  private static final String HOST = "h.example.com";
  private static final Flavor FLAVOR = Flavor.HTTPS_2;

  private final MockWebServer names = new MockWebServer();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile CountDownLatch answers = new CountDownLatch(1);

  private final HttpEchoServer http = new HttpEchoServer();
  private final TcpEchoServer tcp = new TcpEchoServer();
  private final WebSocketEchoServer webSocket = new WebSocketEchoServer();

  /** Knows that every host is this machine, by IPv4. */
  private final class NameServer extends Dispatcher {
    @Override
    public MockResponse dispatch(RecordedRequest request) {
      asked.incrementAndGet();
      Await.hold(answers);
      ByteString question = ByteString.decodeBase64(request.getUrl().queryParameter("dns"));
      return new MockResponse.Builder()
          .setHeader("Content-Type", "application/dns-message")
          .body(answer(question))
          .build();
    }
  }

  /** RFC 1035, section 4.1. */
  private static Buffer answer(ByteString question) {
    int type = question.getByte(question.size() - 3);
    boolean isForIpv4 = type == 1;
    Buffer answer = new Buffer();
    answer.write(question.substring(0, 2)); // its number
    answer.writeShort(0x8180); // a response to a query; recursion was wanted, and is to be had
    answer.writeShort(1).writeShort(isForIpv4 ? 1 : 0).writeShort(0).writeShort(0);
    answer.write(question.substring(12));
    if (isForIpv4) {
      answer.writeShort(0xC00C); // the name in the question
      answer.writeShort(type).writeShort(1); // in the internet
      answer.writeInt(60); // seconds
      answer.writeShort(4).write(new byte[] {127, 0, 0, 1});
    }
    return answer;
  }

  @BeforeEach
  void begin() throws IOException {
    FLAVOR.prepare(names);
    names.setDispatcher(new NameServer());
    names.start();
    http.start();
    tcp.start();
    webSocket.start();
  }

  @AfterEach
  void end() {
    answers.countDown();
    webSocket.close();
    tcp.close();
    http.close();
    names.close();
  }

  private Dns by(OkHttpClient client) {
    return new DnsOverHttps.Builder().client(client).url(names.url("/dns-query")).build();
  }

  private CompletableFuture<String> call(HttpConnection api) {
    String url = "http://" + HOST + ":" + http.port() + "/";
    return HttpRig.enqueue(api.client().newCall(new Request.Builder().url(url).build()));
  }

  @Test
  void connectionsOfAllKindsShareItsAnswer() {
    Dns dns = by(FLAVOR.client().build());
    try (Registries app = new Registries(builder -> builder.dns(dns))) {
      HttpConnection api = app.registry().http("api").register();
      List<Connection> connections =
          List.of(
              app.registry().tcp("tcp").connectTo(HOST, tcp.port()).register(),
              app.registry().tcp("other").connectTo(HOST, tcp.port()).register(),
              app.registry().udp("udp").connectTo(HOST, 9).register(),
              app.registry()
                  .webSocket("ws")
                  .connectTo("ws://" + HOST + ":" + webSocket.port() + "/")
                  .register());
      app.foreground();
      CompletableFuture<String> call = call(api);
      HttpLookUpsTest.awaitWaiting(app.registry(), 1);
      answers.countDown();
      connections.forEach(each -> Await.get(each.whenOpen()));
      assertThat(Await.get(call)).isEmpty();
      assertThat(asked).as("once for each family").hasValue(2);
    }
  }

  @Test
  void aSuspendDoesNotWaitForItAndTheAppComesBack() {
    liveThroughASuspend(by(FLAVOR.client().build()), null);
  }

  /** Its client then sleeps and wakes with what needs it. */
  @Test
  void itsClientMayBeThatOfAConnectionOfTheSameRegistry() {
    liveThroughASuspend(null, FLAVOR.client().build());
  }

  private void liveThroughASuspend(Dns given, OkHttpClient base) {
    try (Registries app = new Registries(Duration.ofSeconds(20))) {
      Dns dns = given;
      if (dns == null) {
        HttpBuilder asks = app.registry().http("names").client(base).inFlight(InFlight.CANCEL);
        dns = by(asks.register().client());
      }
      Connection telemetry =
          app.registry().tcp("telemetry").connectTo(HOST, tcp.port()).dns(dns).register();
      HttpConnection api = app.registry().http("api").dns(dns).register();
      app.foreground();
      CompletableFuture<String> call = call(api);
      HttpLookUpsTest.awaitWaiting(app.registry(), 1);
      Await.until("both families are asked for", () -> asked.get() == 2);

      SuspendReport report = app.suspend();
      assertThat(report.took()).isLessThan(HttpRig.SOON);
      app.registry().assertQuiescent();
      assertThat(Await.failure(call)).isInstanceOf(SuspendedException.class);
      assertThat(telemetry.state()).isEqualTo(ConnectionState.SUSPENDED);

      answers.countDown();
      app.foreground();
      Await.get(telemetry.whenOpen());
      assertThat(Await.get(call(api))).isEmpty();
      app.suspend();
    }
  }
}
