package app;

import com.sun.net.httpserver.HttpServer;
import io.dormouse.ConnectionRegistry;
import io.dormouse.http.HttpConnection;
import io.dormouse.http.SuspendedException;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import okhttp3.ResponseBody;
import retrofit2.Call;
import retrofit2.Retrofit;
import retrofit2.http.GET;

/** Calls a server through Retrofit over Dormouse, with one OkHttp on the class path. */
public final class App {
  interface Api {
    @GET("/")
    Call<ResponseBody> greeting();
  }

  public static void main(String[] args) throws Exception {
    List<URL> okHttps =
        Collections.list(App.class.getClassLoader().getResources("okhttp3/OkHttpClient.class"));
    require(okHttps.size() == 1, "one OkHttp on the class path, not " + okHttps);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 5);
          exchange.getResponseBody().write("hello".getBytes("US-ASCII"));
          exchange.close();
        });
    server.start();
    ManualAppLifecycle lifecycle = new ManualAppLifecycle();
    try (ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build()) {
      HttpConnection http = registry.http("api").register();
      Api api =
          new Retrofit.Builder()
              .baseUrl("http://127.0.0.1:" + server.getAddress().getPort() + "/")
              .client(http.client())
              .build()
              .create(Api.class);
      lifecycle.onForeground();
      http.whenOpen().get();
      String body = api.greeting().execute().body().string();
      require(body.equals("hello"), "hello, not " + body);
      lifecycle.onBackground();
      registry.settled().get();
      try {
        api.greeting().execute();
        require(false, "no call in the background");
      } catch (SuspendedException e) {
        System.out.println(body + " over " + okHttps.get(0));
      }
    } finally {
      server.stop(0);
    }
  }

  private static void require(boolean held, String what) {
    if (!held) {
      throw new AssertionError("expected " + what);
    }
  }
}
