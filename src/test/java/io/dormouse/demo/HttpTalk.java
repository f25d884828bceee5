package io.dormouse.demo;

import io.dormouse.connection.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Traffic over HTTP: a call, and its answer.
 *
 * @param connection the connection
 * @param endpoint the other end
 * @param client the connection's client
 */
record HttpTalk(Connection connection, Endpoint endpoint, OkHttpClient client) implements Talk {
  private static final String BODY = "dormouse";

  @Override
  public void roundTrip(Duration limit) throws IOException {
    RequestBody body = RequestBody.create(BODY, MediaType.get("text/plain"));
    try (Response response = call(request().post(body), limit)) {
      String answer = response.body().string();
      if (response.code() != 200 || !answer.equals(BODY)) {
        throw new IOException("status " + response.code() + ", body " + answer);
      }
    }
  }

  /** Whatever a stranger's server answers, it is an answer. */
  @Override
  public Exchange greet(Duration limit) throws IOException {
    long began = System.nanoTime();
    try (Response response = call(request(), limit)) {
      String took = Format.time(Format.since(began));
      return new Exchange(true, "status " + response.code() + " in " + took);
    }
  }

  private Request.Builder request() {
    return new Request.Builder().url(endpoint.target().address());
  }

  private Response call(Request.Builder request, Duration limit) throws IOException {
    var call = client.newCall(request.build());
    call.timeout().timeout(limit.toNanos(), TimeUnit.NANOSECONDS);
    return call.execute();
  }
}
