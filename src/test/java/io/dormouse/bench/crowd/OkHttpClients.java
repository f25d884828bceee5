package io.dormouse.bench.crowd;

import java.util.concurrent.TimeUnit;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/** Clients that are not held back by limits meant for calls. */
final class OkHttpClients {
  private OkHttpClients() {}

  static OkHttpClient unlimited() {
    Dispatcher dispatcher = new Dispatcher();
    dispatcher.setMaxRequests(20_000);
    dispatcher.setMaxRequestsPerHost(20_000);
    return new OkHttpClient.Builder()
        .dispatcher(dispatcher)
        .connectTimeout(Crowd.LIMIT.toSeconds(), TimeUnit.SECONDS)
        .readTimeout(Crowd.LIMIT.toSeconds(), TimeUnit.SECONDS)
        .build();
  }

  static void shutDown(OkHttpClient client) {
    client.dispatcher().executorService().shutdownNow();
    client.connectionPool().evictAll();
  }
}
