package io.dormouse.http;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Socket;

/**
 * The last of the app's interceptors, with nothing but OkHttp below it. A call that a suspend took
 * back before it was sent asks again here, so that the app's interceptors run once, as OkHttp
 * promises; those that the app adds to a client that it derives from ours stand below it, and run
 * again then. What comes up from OkHttp after a suspend has cut a call off becomes an exception
 * that says so, while the response is read too.
 */
final class SendInterceptor implements Interceptor {
  private final Gate gate;
  private final Entry entry;
  private final Pools pools;

  SendInterceptor(Gate gate, Entry entry, Pools pools) {
    this.gate = gate;
    this.entry = entry;
    this.pools = pools;
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    GatedCall call = gate.of(chain.call());
    InFlight tag = chain.request().tag(InFlight.class);
    if (tag != null) { // an interceptor's, perhaps
      gate.setInFlight(call, tag);
    }
    pools.add(chain.getConnectionPool());
    call.isBusy();
    while (true) {
      entry.await(chain, call);
      try {
        Response response = chain.proceed(chain.request());
        call.idles();
        return explaining(response, call);
      } catch (IOException e) {
        // Each lap waits at the gate. Failures of other connections, which an authenticator of the
        // app may use, don't count: this one was not taken back.
        if (chain.call().isCanceled() || !gate.takesBack(call)) {
          throw gate.explain(call, e);
        }
      }
    }
  }

  private Response explaining(Response response, GatedCall call) {
    Socket socket = response.socket();
    if (socket != null) { // upgraded, to a WebSocket for one
      return response.newBuilder().socket(new WatchedSocket(socket, gate, call)).build();
    }
    ResponseBody body = new WatchedBody(response.body(), gate, call);
    return response.newBuilder().body(body).build();
  }
}
