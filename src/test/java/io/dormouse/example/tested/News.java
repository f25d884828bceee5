package io.dormouse.example.tested;

import io.dormouse.ConnectionRegistry;
import io.dormouse.http.HttpConnection;
import java.io.IOException;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** News over HTTP; the latest are kept, so that there is something to show without a network. */
public final class News {
  private final HttpConnection api;
  private final Request request;
  private volatile String latest = "";

  public News(ConnectionRegistry registry, OkHttpClient client, String url) {
    api = registry.http("news").client(client).register();
    request = new Request.Builder().url(url).build();
  }

  /** Fetches what is new, on the caller's thread. */
  public void refresh() throws IOException {
    try (Response response = api.client().newCall(request).execute()) {
      if (!response.isSuccessful()) {
        throw new IOException("the server answers " + response.code());
      }
      latest = response.body().string();
    }
  }

  /** Returns what was fetched last. */
  public String latest() {
    return latest;
  }
}
