package io.dormouse.example.retrofit;

import io.dormouse.ConnectionRegistry;
import io.dormouse.http.HttpConnection;
import io.dormouse.http.WhileSuspended;
import okhttp3.HttpUrl;
import retrofit2.Retrofit;
import retrofit2.converter.gson.GsonConverterFactory;

/** Notes over an HTTP connection, by Retrofit. */
public final class NotesConnection {
  private final HttpConnection http;
  private final NotesApi api;

  /**
   * Registers the connection.
   *
   * @param whileSuspended what becomes of calls that begin in the background
   */
  public NotesConnection(
      ConnectionRegistry registry, String name, HttpUrl url, WhileSuspended whileSuspended) {
    // begin: retrofit
    http = registry.http(name).whileSuspended(whileSuspended).register();
    api =
        new Retrofit.Builder()
            .client(http.client()) // no more than this line makes Retrofit follow the lifecycle
            .baseUrl(url)
            .addConverterFactory(GsonConverterFactory.create())
            .build()
            .create(NotesApi.class);
    // end: retrofit
  }

  /** Returns what calls the server. */
  public NotesApi api() {
    return api;
  }
}
