package io.dormouse.http;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The first of all interceptors: a call that may not begin fails or waits here, before anything of
 * it has happened.
 */
final class EntryInterceptor implements Interceptor {
  private final Gate gate;
  private final Entry entry;

  EntryInterceptor(Gate gate, Entry entry) {
    this.gate = gate;
    this.entry = entry;
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    GatedCall call = gate.of(chain.call());
    entry.await(chain, call);
    // Calls that the app's interceptors and authenticators make meanwhile are part of this one.
    @Nullable GatedCall outer = CurrentCall.running();
    CurrentCall.runs(call);
    try {
      return chain.proceed(chain.request());
    } finally {
      CurrentCall.runs(outer);
    }
  }
}
