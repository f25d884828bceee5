package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that have sent nothing when the app leaves: a suspend does not wait for them. */
class HttpUnsentTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCallThatIsConnectingIsCutOffAtOnce(boolean fastFallback) {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET)) {
      HangingSockets sockets = new HangingSockets(9);
      OkHttpClient base =
          new OkHttpClient.Builder().socketFactory(sockets).fastFallback(fastFallback).build();
      HttpConnection http = rig.register("api", builder -> builder.client(base));
      rig.lifecycle.onForeground();
      CompletableFuture<String> call = rig.enqueue(http.client(), "/ok");
      Await.latch(sockets.connecting);
      HttpRig.assertSoon(rig.suspend());
      assertThat(Await.failure(call))
          .isInstanceOf(SuspendedException.class)
          .hasMessageContaining("not in the foreground");
    }
  }

  /** While another call is drained, and its socket stays open. */
  @Test
  void aCallThatIsConnectingIsCutOffBeforeTheOthersAreDrained() {
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET)) {
      HangingSockets sockets = new HangingSockets(0);
      HttpConnection http =
          rig.register(
              "api",
              builder -> builder.client(new OkHttpClient.Builder().socketFactory(sockets).build()));
      rig.lifecycle.onForeground();
      CompletableFuture<String> drained = rig.enqueue(http.client(), "/hold");
      rig.awaitArrived(1);
      sockets.hangNext(9);
      CompletableFuture<String> connecting = rig.enqueue(http.client(), "/ok");
      Await.latch(sockets.connecting);

      rig.lifecycle.onBackground();
      assertThat(Await.failure(connecting)).isInstanceOf(SuspendedException.class);
      assertThat(http.state()).isEqualTo(ConnectionState.DRAINING);
      assertThat(drained).isNotDone();
      rig.release.countDown();
      assertThat(Await.get(drained)).isEqualTo("hello");
      HttpRig.assertSoon(rig.settled());
    }
  }

  @Test
  void aCallInTheMiddleOfItsTlsHandshakeIsCutOffAtOnce() throws IOException {
    try (HttpRig rig = new HttpRig(Flavor.HTTPS_1, HttpRig.LONG_BUDGET);
        ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      HttpConnection http = rig.register();
      rig.lifecycle.onForeground();
      CompletableFuture<String> call =
          HttpRig.enqueue(
              http.client()
                  .newCall(
                      new Request.Builder()
                          .url("https://localhost:" + mute.getLocalPort() + "/?token=secret")
                          .build()));
      mute.accept().getInputStream().read(); // its first byte has come
      HttpRig.assertSoon(rig.suspend());
      assertThat(Await.failure(call))
          .isInstanceOf(SuspendedException.class)
          .hasMessageNotContaining("secret");
    }
  }

  @Test
  void aResolverThatHangsCostsNeitherTheBudgetNorTheCallers() {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    Dns hangs =
        hostname -> {
          asked.countDown();
          Await.hold(answer);
          throw new UnknownHostException(hostname);
        };
    try (HttpRig rig = new HttpRig(Flavor.HTTP_1, HttpRig.LONG_BUDGET)) {
      OkHttpClient base = new OkHttpClient.Builder().dns(hangs).build();
      HttpConnection http = rig.register("api", builder -> builder.client(base));
      rig.lifecycle.onForeground();
      CompletableFuture<String> call = rig.enqueue(http.client(), "/ok");
      Await.latch(asked);
      HttpRig.assertSoon(rig.suspend());
      assertThat(Await.failure(call)).isInstanceOf(SuspendedException.class);
      answer.countDown();
    }
  }
}
