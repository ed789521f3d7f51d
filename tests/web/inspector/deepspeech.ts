import { random } from "../random.js";
import { dat, gzip, tar } from "./archives.js";

/**
 * The tutorial's DeepSpeech at a size a test can afford: two convolutions (3 by 2, then 5), a pool
 * by 2, an LSTM, a product. Pulsed by 8 it needs three delays, as the large one does.
 */
const [MELS, CHANNELS, HIDDEN, LETTERS] = [6, 8, 4, 5];

const GATES = ["i", "f", "g", "o"] as const;

const weights: readonly (readonly [label: string, shape: readonly number[]])[] = [
  ["conv1.weight", [CHANNELS, MELS, 3]],
  ["conv1.bias", [CHANNELS]],
  ["conv2.weight", [CHANNELS, CHANNELS, 5]],
  ["conv2.bias", [CHANNELS]],
  ...GATES.flatMap((gate) => [
    [`rnn.w_i${gate}`, [1, HIDDEN, CHANNELS]] as const,
    [`rnn.w_h${gate}`, [1, HIDDEN, HIDDEN]] as const,
  ]),
  ["rnn.zero", [1, 1, HIDDEN]],
  ["fc.weight", [1, LETTERS, HIDDEN]],
];

const identifier = (label: string): string => label.replace(".", "_");

const TEXT = `version 1.0;

extension tract_registry tract_core;
extension tract_symbol S;

fragment step(${GATES.map((gate) => `x_${gate}: tensor<scalar>`).join(", ")}, c_prev: tensor<scalar>, h_prev: tensor<scalar>, ${GATES.map((gate) => `w_${gate}: tensor<scalar>`).join(", ")}) -> (c: tensor<scalar>, h: tensor<scalar>)
{
  i_t = sigmoid(x_i + matmul(h_prev, w_i, transposeB = true));
  f_t = sigmoid(x_f + matmul(h_prev, w_f, transposeB = true));
  g_t = tanh(x_g + matmul(h_prev, w_g, transposeB = true));
  o_t = sigmoid(x_o + matmul(h_prev, w_o, transposeB = true));
  c = f_t * c_prev + i_t * g_t;
  h = o_t * tanh(c);
}

graph network(melbank) -> (logits)
{
  melbank = tract_core_external(shape = [1, S, ${MELS}], datum_type = 'f32');
${weights.map(([label, shape]) => `  ${identifier(label)} = variable<scalar>(label = '${label}', shape = [${shape}]);`).join("\n")}
  channels_first = transpose(melbank, axes = [0, 2, 1]);
  conv1 = conv(channels_first, conv1_weight, conv1_bias, dilation = [1], padding = [(0, 0)], stride = [2], groups = 1, border = 'constant');
  relu1 = relu(conv1);
  conv2 = conv(relu1, conv2_weight, conv2_bias, dilation = [1], padding = [(0, 0)], stride = [1], groups = 1, border = 'constant');
  relu2 = relu(conv2);
  pool = max_pool(relu2, size = [1, 1, 2], padding = [(0, 0), (0, 0), (0, 0)], stride = [1, 1, 2], dilation = [1, 1, 1], border = 'constant');
  time_first = transpose(pool, axes = [2, 0, 1]);
${GATES.map((gate) => `  x_${gate} = matmul(time_first, rnn_w_i${gate}, transposeB = true);`).join("\n")}
  hidden = tract_core_scan(body = "step", scan = [${GATES.map((gate) => `("x_${gate}", x_${gate}, 0, 1)`).join(", ")}],
    full = [${GATES.map((gate) => `("w_${gate}", rnn_w_h${gate})`).join(", ")}],
    state = [("c_prev", rnn_zero, "c"), ("h_prev", rnn_zero, "h")], output = [("h", "full", 0, 1)], skip = 0);
  letters = matmul(hidden, fc_weight, transposeB = true);
  batch_first = transpose(letters, axes = [1, 0, 2]);
  logits = tract_core_log_softmax(batch_first, axes = [2]);
}
`;

/** The archive, gzipped; its weights are the same in each run. */
export function smallDeepSpeech(): Promise<Uint8Array> {
  const next = random(3);
  const files = weights.map(([label, shape]) => {
    const count = shape.reduce((all, dim) => all * dim, 1);
    const values = Float32Array.from({ length: count }, () =>
      label === "rnn.zero" ? 0 : next() - 0.5,
    );
    const items = new Uint8Array(values.buffer);
    return [`${label}.dat`, dat({ shape, bits: 32, type: 0, items })] as const;
  });
  return gzip(tar({ "graph.nnef": TEXT, ...Object.fromEntries(files) }));
}
